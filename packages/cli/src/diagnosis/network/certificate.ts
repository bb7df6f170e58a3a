import { checkServerIdentity } from "node:tls";
import type { TLSSocket } from "node:tls";

import type { Subject } from "../subject.ts";
import { openTlsSocket } from "./open-socket.ts";

/** What a TLS handshake has shown. */
export interface Handshake {
  /** As in "TLSv1.3". */
  readonly version: string;
  /** Why no authority vouches for the certificate, as OpenSSL's code; undefined: one does. */
  readonly distrust: string | undefined;
  /** The name that was asked for, and those in the certificate. */
  readonly name: string;
  readonly names: string;
  readonly isNamed: boolean;
  /** The end of the certificate; undefined: it cannot be read. */
  readonly expiresAt: Date | undefined;
  readonly issuer: string;
}

/** What is no matter of who vouches: it has checks of its own. */
const OTHER_MATTERS: ReadonlySet<string> = new Set([
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);

/** It is typed as an error; what comes is the code alone, or an error with it. */
const codeOf = (error: unknown): string | undefined => {
  if (typeof error === "string") return error;
  if (!(error instanceof Error)) return undefined;
  return "code" in error ? String(error.code) : error.message;
};

const readHandshake = (socket: TLSSocket, { host, tls }: Subject): Handshake => {
  const certificate = socket.getPeerCertificate();
  const name = tls.servername ?? host;
  const code = codeOf(socket.authorizationError);
  const { subjectaltname, subject, issuer, valid_to: validTo } = certificate;
  const expiresAt = new Date(validTo);
  return {
    version: socket.getProtocol() ?? "TLS",
    distrust: code === undefined || OTHER_MATTERS.has(code) ? undefined : code,
    name,
    names: subjectaltname ?? `CN=${String(subject?.CN)}`,
    isNamed: checkServerIdentity(name, certificate) === undefined,
    expiresAt: Number.isNaN(expiresAt.getTime()) ? undefined : expiresAt,
    issuer: String(issuer?.CN ?? issuer?.O ?? "nobody"),
  };
};

const REFUSAL_MS = 250;

/** With TLS 1.3, who lacks a client certificate hears of it only after the handshake (RFC 8446 §4.4.2.4). */
const refusal = (socket: TLSSocket): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, REFUSAL_MS);
    const fail = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
    };
    socket.once("error", fail);
    socket.once("close", () => {
      fail(new Error("the broker closed the connection after the handshake"));
    });
    // Without a reader, nothing is heard of the end.
    socket.resume();
  });

/**
 * Shakes hands with the broker and reads its certificate.
 *
 * @throws the error of a handshake that does not come about.
 */
export const lookAtCertificate = async (
  subject: Subject,
  signal: AbortSignal,
): Promise<Handshake> => {
  const socket = await openTlsSocket(subject, signal);
  try {
    const handshake = readHandshake(socket, subject);
    await refusal(socket);
    return handshake;
  } finally {
    socket.destroySoon();
  }
};
