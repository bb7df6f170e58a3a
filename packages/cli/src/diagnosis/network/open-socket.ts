import { connect } from "node:net";
import type { Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { ConnectionOptions, TLSSocket } from "node:tls";

import type { TlsOptions } from "gf-mqtt-client";

import type { Subject } from "../subject.ts";

type Place = Pick<Subject, "host" | "port" | "tls">;

interface Opening<Opened extends Socket> {
  readonly socket: Opened;
  readonly event: "connect" | "secureConnect";
  readonly signal: AbortSignal;
}

/** Waits until a socket is open; destroys it where the signal fires before. */
const opened = <Opened extends Socket>({
  socket,
  event,
  signal,
}: Opening<Opened>): Promise<Opened> =>
  new Promise((resolve, reject) => {
    const settle = (): void => {
      signal.removeEventListener("abort", abort);
      socket.off("close", closed);
    };
    const fail = (error: unknown): void => {
      settle();
      socket.destroy();
      reject(error);
    };
    const abort = (): void => {
      fail(signal.reason);
    };
    const closed = (): void => {
      fail(new Error("the connection was closed"));
    };
    // Stays: a later error that nobody listens for would end the process.
    socket.on("error", fail);
    socket.once("close", closed);
    socket.once(event, () => {
      settle();
      resolve(socket);
    });
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort);
  });

/** Opens a TCP connection; rejects with the system's error, or the signal's reason. */
export const openSocket = ({ host, port }: Place, signal: AbortSignal): Promise<Socket> =>
  opened({ socket: connect({ host, port, noDelay: true }), event: "connect", signal });

const IP_ADDRESS = /^[\d.]+$|:/;

/** Node wants mutable arrays and buffers; it only reads them. */
const readable = (tls: TlsOptions): ConnectionOptions => tls as ConnectionOptions;

/** Shakes hands over TLS whatever the certificate is, so that it can be looked at. */
export const openTlsSocket = (
  { host, port, tls }: Place,
  signal: AbortSignal,
): Promise<TLSSocket> => {
  const servername = tls.servername ?? (IP_ADDRESS.test(host) ? undefined : host);
  const options: ConnectionOptions = {
    ...readable(tls),
    host,
    port,
    rejectUnauthorized: false,
    ...(servername !== undefined && { servername }),
  };
  return opened({ socket: connectTls(options), event: "secureConnect", signal });
};
