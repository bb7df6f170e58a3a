import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import type { TlsOptions as ServerTlsOptions } from "node:tls";
import { startDevBroker } from "gf-mqtt-dev-broker";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ConnectionFailedError } from "../../src/errors/connection-failed-error.ts";
import type { TlsOptions } from "../../src/transport/transport.ts";
import { freePort } from "../support/free-port.ts";
import { listenLocally } from "../support/local-server.ts";
import { mosquittoPath, startMosquitto } from "../support/mosquitto.ts";
import type { Certificates } from "./certificates.ts";
import { SERVER_NAME, makeCertificates, opensslPath } from "./certificates.ts";
import { dial } from "./dialled-link.ts";
import { startTlsFront } from "./tls-front.ts";

const opened: (() => PromiseLike<void>)[] = [];

/** Closes it after the tests. */
const use = <Resource extends AsyncDisposable>(resource: Resource): Resource => {
  opened.push(() => resource[Symbol.asyncDispose]());
  return resource;
};

const made: { certificates?: Certificates; strangers?: Certificates } = {};

const certificates = (): Certificates => {
  if (made.certificates === undefined) throw new Error("the certificates were not made");
  return made.certificates;
};

/** What answers at a port, by name. */
const ports = new Map<string, number>();

const startTls = async (target: string, options: ServerTlsOptions = {}): Promise<number> => {
  const port = ports.get(target) ?? 0;
  const front = use(
    await startTlsFront(port, { ...certificates().server, ca: certificates().ca, ...options }),
  );
  return front.port;
};

/** A server of the test's own, which says this to whoever connects. */
const startSpeaker = async (bytes: Uint8Array | string): Promise<number> => {
  const server = await listenLocally(
    createServer((socket) => {
      socket.on("error", () => {});
      socket.resume();
      socket.end(bytes);
    }),
  );
  opened.push(server.close);
  return server.port;
};

beforeAll(async () => {
  const broker = use(await startDevBroker());
  const http = await listenLocally(
    createHttpServer((_request, response) => {
      response.statusCode = 404;
      response.end("nothing here");
    }),
  );
  opened.push(http.close);
  ports.set("a broker", broker.port);
  ports.set("a broker's WebSocket", broker.wsPort);
  ports.set("a web server", http.port);
  ports.set("nothing", await freePort());
  ports.set("a silent server", await startSpeaker(""));
  ports.set("an SSH server", await startSpeaker("SSH-2.0-OpenSSH_9.2\r\n"));
  ports.set("a TLS alert", await startSpeaker(Uint8Array.of(0x15, 3, 3, 0, 2, 2, 70)));
  if (mosquittoPath !== undefined) {
    ports.set("Mosquitto", use(await startMosquitto()).port);
  }
  if (opensslPath === undefined) return;
  made.certificates = await makeCertificates();
  made.strangers = await makeCertificates();
  const asking = { requestCert: true, rejectUnauthorized: true };
  ports.set("a broker's TLS", await startTls("a broker"));
  ports.set("a broker's TLS that asks for a certificate", await startTls("a broker", asking));
  ports.set(
    "a broker's WSS that asks for a certificate",
    await startTls("a broker's WebSocket", asking),
  );
});

afterAll(async () => {
  for (const close of opened.toReversed()) await close();
});

/** The text of the error without its beginning, which names the broker, and with names for ports. */
const failureOf = async (scheme: string, what: string, tls?: TlsOptions): Promise<string> => {
  const port = String(ports.get(what) ?? what);
  const url = `${scheme}://127.0.0.1:${port}`;
  const outcome = await dial(url, tls === undefined ? {} : { tls }).catch(
    (error: unknown) => error,
  );
  if (!(outcome instanceof ConnectionFailedError)) throw new Error("the dial did not fail as such");
  return outcome.message.replace(`cannot connect to ${url}: `, "").replaceAll(port, "PORT");
};

const UNSAFE = { rejectUnauthorized: false };

describe("a failed dial says what answered and what to do next:", () => {
  test.each([
    [
      "mqtt",
      "nothing",
      "nothing listens there (connect ECONNREFUSED 127.0.0.1:PORT); check that the broker is running, its host name and port, and the firewall",
    ],
    [
      "ws",
      "nothing",
      "nothing listens there (connect ECONNREFUSED 127.0.0.1:PORT); check that the broker is running, its host name and port, and the firewall",
    ],
    [
      "mqtt",
      "a silent server",
      "the broker closed the connection before it answered; if the port is one with TLS, use mqtts://; if it is one for WebSocket, use ws://; otherwise check the broker's log",
    ],
    [
      "mqtt",
      "an SSH server",
      'something else than an MQTT broker answered ("SSH-2.0-OpenSSH_9.2"); check the host name and port',
    ],
    [
      "mqtt",
      "a broker's WebSocket",
      `a web server answered, or a broker's port for WebSocket ("HTTP/1.1 400 Bad Request"); use ws:// for that port, or the broker's port for MQTT (usually 1883)`,
    ],
    [
      "mqtt",
      "a web server",
      `a web server answered, or a broker's port for WebSocket ("HTTP/1.1 400 Bad Request"); use ws:// for that port, or the broker's port for MQTT (usually 1883)`,
    ],
    [
      "mqtt",
      "a TLS alert",
      "what answers there speaks TLS; use mqtts:// for that port, or the broker's port without TLS",
    ],
    [
      "ws",
      "a TLS alert",
      "what answers there speaks TLS; use wss:// for that port, or the broker's port without TLS",
    ],
    [
      "ws",
      "a broker",
      "the connection was closed before the WebSocket was open (socket hang up); if the port is one for MQTT, use mqtt://; if it is one with TLS, use wss://",
    ],
    [
      "ws",
      "a web server",
      "a web server answered with status 404, and opened no WebSocket; check the port, and the path in the URL: many brokers have /mqtt",
    ],
    [
      "mqtts",
      "a broker",
      "the connection was closed in the TLS handshake; if the port is one without TLS, use mqtt://; otherwise check the broker's log",
    ],
    [
      "wss",
      "a broker",
      "the connection was closed in the TLS handshake; if the port is one without TLS, use ws://; otherwise check the broker's log",
    ],
    [
      "mqtts",
      "a web server",
      "what answers there speaks no TLS; use mqtt:// for that port, or the broker's port with TLS",
    ],
    [
      "wss",
      "a broker's WebSocket",
      "what answers there speaks no TLS; use ws:// for that port, or the broker's port with TLS",
    ],
  ])("%s:// to %s", async (scheme, what, text) => {
    const tls = scheme === "mqtts" || scheme === "wss" ? UNSAFE : undefined;
    expect(await failureOf(scheme, what, tls)).toBe(text);
  });

  test("a host name that there is not", async () => {
    const failure = await dial("mqtt://no-such-host.invalid:1883").catch((error: unknown) => error);
    expect(String(failure)).toMatch(
      /the host name "no-such-host\.invalid" is not known here \((ENOTFOUND|EAI_AGAIN)\); check the host name/,
    );
  });

  test("a server that takes the connection and says nothing", async () => {
    const server = await listenLocally(createServer((socket) => socket.resume()));
    const url = `mqtt://127.0.0.1:${String(server.port)}`;
    const failure = await dial(url, { timeoutMs: 60 }).catch((error: unknown) => error);
    await server.close();
    expect(String(failure)).toContain(
      "connected, but no answer within 60 ms; check that the port is the broker's for MQTT, and that the broker is not stuck",
    );
  });
});

describe.skipIf(mosquittoPath === undefined)("Mosquitto (must be installed)", () => {
  test.each([
    [
      "mqtts",
      "the connection was closed in the TLS handshake; if the port is one without TLS, use mqtt://; otherwise check the broker's log",
    ],
    [
      "ws",
      "the connection was closed before the WebSocket was open (read ECONNRESET); if the port is one for MQTT, use mqtt://; if it is one with TLS, use wss://",
    ],
  ])("dialled by %s:// at its plain port", async (scheme, text) => {
    expect(await failureOf(scheme, "Mosquitto")).toBe(text);
  });
});

describe.skipIf(opensslPath === undefined)("TLS (needs openssl):", () => {
  const ours = (more: TlsOptions = {}): TlsOptions => ({
    ca: certificates().ca,
    servername: SERVER_NAME,
    ...more,
  });
  const strangerIdentity = (): TlsOptions => made.strangers?.client ?? {};

  test.each([
    [
      "no authority is given",
      (): TlsOptions => ({ servername: SERVER_NAME }),
      "no authority known here vouches for the broker's certificate (self-signed certificate in certificate chain); give the certificate of the authority that signed it in tls.ca",
    ],
    [
      "another authority is given",
      () => ours({ ca: made.strangers?.ca ?? "" }),
      "no authority in tls.ca vouches for the broker's certificate (self-signed certificate in certificate chain); give the certificate of the authority that signed it, and those between",
    ],
    [
      "the authority is given as a path",
      () => ours({ ca: "/etc/ssl/ca.pem" }),
      "tls.ca holds no certificate in PEM form; give the text of the file, not its path",
    ],
    [
      "the name is another",
      () => ({ ca: certificates().ca }),
      `the broker's certificate is for DNS:broker.test, not for "127.0.0.1"; use a name that is in the certificate, as host name or in tls.servername`,
    ],
    [
      "the key is given as a path",
      () => ours({ ...certificates().client, key: "/etc/ssl/key.pem" }),
      "tls.key is not in PEM form; give the text of the file, not its path",
    ],
    [
      "the certificate is given as a path",
      () => ours({ ...certificates().client, cert: "/etc/ssl/cert.pem" }),
      "tls.cert is not in PEM form; give the text of the file, not its path",
    ],
    [
      "the key belongs to another certificate",
      () => ours({ ...certificates().client, key: certificates().server.key }),
      "tls.key does not belong to tls.cert; give the private key that the certificate was made for",
    ],
  ])("%s", async (_what, tls, text) => {
    expect(await failureOf("mqtts", "a broker's TLS", tls())).toBe(text);
  });

  test("the key is broken", async () => {
    const { cert, key } = certificates().client;
    const tls = ours({ cert, key: key.replaceAll("M", "x") });
    expect(await failureOf("mqtts", "a broker's TLS", tls)).toMatch(
      /^tls\.cert or tls\.key cannot be read \(.+\); check both files/,
    );
  });

  test.each(["mqtts", "wss"])(
    "a client certificate is asked for and none given, %s",
    async (scheme) => {
      const name = scheme === "wss" ? "WSS" : "TLS";
      expect(
        await failureOf(scheme, `a broker's ${name} that asks for a certificate`, ours()),
      ).toBe(
        "the broker refused the TLS handshake (certificate required): it asks for a client certificate; give one in tls.cert, and its private key in tls.key",
      );
    },
  );

  test.each([
    [
      "mqtts",
      "TLS",
      "the broker closed the connection before it answered; it may have refused the client certificate (tls.cert); check its log",
    ],
    [
      "wss",
      "WSS",
      "the connection was closed before the WebSocket was open (socket hang up); if the port is one for MQTT, use mqtts://; if the broker asks for a client certificate, check tls.cert and tls.key",
    ],
  ])("a client certificate is refused, %s", async (scheme, name, text) => {
    const tls = ours(strangerIdentity());
    expect(await failureOf(scheme, `a broker's ${name} that asks for a certificate`, tls)).toBe(
      text,
    );
  });
});
