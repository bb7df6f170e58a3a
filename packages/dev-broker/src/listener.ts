import type { Server, Socket } from "node:net";
import { ListenError } from "./errors.ts";
import type { ListenAddress } from "./errors.ts";

/** What a listener needs beside its server. */
export interface ListenerSetup {
  readonly host: string;
  /** 0 asks the system for a free port. */
  readonly port: number;
  /** Told of faults once it is bound, such as running out of file descriptors. */
  readonly onFault: (error: Error) => void;
}

/** A bound server that knows its sockets, so that it can end them and close for certain. */
export class Listener {
  /** The port that it is bound to. */
  readonly port: number;
  readonly #server: Server;
  readonly #sockets: ReadonlySet<Socket>;

  private constructor(server: Server, port: number, sockets: ReadonlySet<Socket>) {
    this.#server = server;
    this.port = port;
    this.#sockets = sockets;
  }

  /**
   * Binds the server.
   *
   * @throws {ListenError} the address cannot be bound; nothing is open then.
   */
  static async bind(server: Server, setup: ListenerSetup & ListenAddress): Promise<Listener> {
    const sockets = new Set<Socket>();
    server.on("connection", (socket: Socket) => {
      // Nagle's algorithm waits for the peer's delayed acknowledgement: 40 ms a round trip.
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    });
    const port = await bound(server, setup);
    server.on("error", setup.onFault);
    return new Listener(server, port, sockets);
  }

  /** Ends every connection without a farewell; further ones are accepted. */
  dropSockets(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Accepts no more; resolves when the port is free and the last socket is gone. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

function bound(server: Server, address: ListenAddress): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => reject(new ListenError(address, cause));
    server.once("error", fail);
    server.listen({ host: address.host, port: address.port }, () => {
      server.off("error", fail);
      const place = server.address();
      if (typeof place === "object" && place !== null) resolve(place.port);
      else fail(new Error("the system told no port"));
    });
  });
}
