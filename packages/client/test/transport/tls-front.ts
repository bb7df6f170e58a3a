import { connect } from "node:net";
import { pipeline } from "node:stream";
import { createServer } from "node:tls";
import type { TlsOptions } from "node:tls";
import { listenLocally } from "../support/local-server.ts";

/** TLS before a broker that has none. */
export interface TlsFront extends AsyncDisposable {
  readonly port: number;
}

/** Starts a front on a free port, which passes on what it decrypts. */
export const startTlsFront = async (targetPort: number, options: TlsOptions): Promise<TlsFront> => {
  const tlsServer = createServer(options, (client) => {
    const broker = connect({ port: targetPort, host: "127.0.0.1", noDelay: true });
    // The end or fault of one side is the other's too; there is nobody to tell.
    pipeline(client, broker, () => {});
    pipeline(broker, client, () => {});
  });
  // A handshake that fails is what some tests are about.
  tlsServer.on("tlsClientError", () => {});
  const server = await listenLocally(tlsServer);
  return { port: server.port, [Symbol.asyncDispose]: server.close };
};
