import { connect, createServer } from "node:net";
import type { Socket } from "node:net";
import { listenLocally } from "./local-server.ts";

/** Where a proxy leads. */
export interface TcpProxyOptions {
  /** The broker's port. */
  readonly port: number;
  /** The broker's host; default "127.0.0.1". */
  readonly host?: string;
  /**
   * Sees all bytes from client to broker. What it returns goes on in their place (an empty buffer
   * swallows them); with `undefined` they go on as they are.
   */
  readonly onClientBytes?: (bytes: Buffer) => Uint8Array | undefined | void;
}

/** A TCP proxy in front of a broker, whose link can be broken in the ways that links break. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** Where a client connects: "mqtt://127.0.0.1:PORT". */
  readonly url: string;
  /** Clients connected to it now. */
  readonly connectionCount: number;
  /** Destroys every connection, both sides of it; further ones are accepted. */
  cut(): void;
  /** Forwards nothing more, either way, and keeps all sockets open: a link gone silent. */
  freeze(): void;
  /** Ends a freeze: what was held back goes on, an end of either side as well. */
  thaw(): void;
  /** With `true`, further connections are accepted and destroyed at once. */
  refuse(refused: boolean): void;
  /** Destroys every connection and frees the port. */
  close(): Promise<void>;
}

/** Starts a proxy on a free port. */
export async function startTcpProxy(options: TcpProxyOptions): Promise<TcpProxy> {
  const links = new Set<Link>();
  let frozen = false;
  let refused = false;
  const server = await listenLocally(
    createServer((client) => {
      if (refused) {
        client.destroy();
        return;
      }
      const link = new Link(client, options);
      links.add(link);
      client.once("close", () => links.delete(link));
      if (frozen) link.freeze();
    }),
  );
  const cut = (): void => links.forEach((link) => link.cut());
  const close = async (): Promise<void> => {
    cut();
    await server.close();
  };
  return {
    port: server.port,
    url: `mqtt://127.0.0.1:${server.port}`,
    get connectionCount(): number {
      return links.size;
    },
    cut,
    freeze: () => {
      frozen = true;
      links.forEach((link) => link.freeze());
    },
    thaw: () => {
      frozen = false;
      links.forEach((link) => link.thaw());
    },
    refuse: (on) => {
      refused = on;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

class Link {
  readonly #client: Socket;
  readonly #broker: Socket;
  #frozen = false;
  #over = false;

  constructor(client: Socket, { port, host = "127.0.0.1", onClientBytes }: TcpProxyOptions) {
    this.#client = client;
    this.#broker = connect({ port, host });
    this.#forward(client, this.#broker, (bytes) => onClientBytes?.(bytes) ?? bytes);
    this.#forward(this.#broker, client, (bytes) => bytes);
  }

  cut(): void {
    this.#client.destroy();
    this.#broker.destroy();
  }

  freeze(): void {
    this.#frozen = true;
    this.#client.pause();
    this.#broker.pause();
  }

  thaw(): void {
    this.#frozen = false;
    if (this.#over) this.#end();
    else this.#resume();
  }

  #forward(from: Socket, to: Socket, change: (bytes: Buffer) => Uint8Array): void {
    from.setNoDelay(true);
    from.on("data", (bytes: Buffer) => {
      if (!to.write(change(bytes))) from.pause();
    });
    to.on("drain", () => {
      if (!this.#frozen) from.resume();
    });
    // Either side's fault ends both, by the "close" that follows.
    from.on("error", () => {});
    from.on("close", () => {
      this.#over = true;
      if (!this.#frozen) this.#end();
    });
  }

  #resume(): void {
    this.#client.resume();
    this.#broker.resume();
  }

  #end(): void {
    this.#client.destroySoon();
    this.#broker.destroySoon();
  }
}
