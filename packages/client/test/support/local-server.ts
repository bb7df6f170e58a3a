import type { Server, Socket } from "node:net";

/** A server on a free port of this machine, that closes for certain. */
export interface LocalServer {
  readonly port: number;
  /** Destroys the connections that it accepted. */
  readonly dropSockets: () => void;
  /** Frees the port, once the connections are destroyed. */
  readonly close: () => Promise<void>;
}

/** Binds the server to a free port of the loopback interface. */
export async function listenLocally(server: Server): Promise<LocalServer> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  const port = await boundPort(server);
  const dropSockets = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port,
    dropSockets,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        dropSockets();
      }),
  };
}

function boundPort(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (typeof address === "object" && address !== null) resolve(address.port);
      else reject(new Error(`a TCP server told no port but ${String(address)}`));
    });
  });
}
