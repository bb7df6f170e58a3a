import type { TlsOptions as ServerTlsOptions } from "node:tls";
import { startDevBroker } from "gf-mqtt-dev-broker";
import { beforeAll, describe, expect, test } from "vitest";
import { MQTTClient } from "../../src/client/mqtt-client.ts";
import { ConnectionFailedError } from "../../src/errors/connection-failed-error.ts";
import type { TlsOptions } from "../../src/transport/transport.ts";
import { unhandledDuring } from "../runtime/unhandled-rejections.ts";
import type { Certificates } from "./certificates.ts";
import { SERVER_NAME, makeCertificates, opensslPath } from "./certificates.ts";
import { dial } from "./dialled-link.ts";
import { startTlsFront } from "./tls-front.ts";

const SCHEMES = ["mqtts", "wss"] as const;
type Scheme = (typeof SCHEMES)[number];

const made: { certificates?: Certificates } = {};

const certificates = (): Certificates => {
  if (made.certificates === undefined) throw new Error("the certificates were not made");
  return made.certificates;
};

/** A broker behind TLS, its certificate for `broker.test`. */
const startTlsBroker = async (scheme: Scheme, options: ServerTlsOptions = {}) => {
  const broker = await startDevBroker();
  const front = await startTlsFront(scheme === "wss" ? broker.wsPort : broker.port, {
    ...certificates().server,
    ...options,
  });
  return {
    url: `${scheme}://127.0.0.1:${String(front.port)}`,
    broker,
    [Symbol.asyncDispose]: async () => {
      await front[Symbol.asyncDispose]();
      await broker.close();
    },
  };
};

/** The error that a dial with these TLS options ends with. */
const failureOf = async (url: string, tls?: TlsOptions): Promise<Error> => {
  const outcome = await dial(url, tls === undefined ? {} : { tls }).catch(
    (error: unknown) => error,
  );
  if (outcome instanceof Error) return outcome;
  throw new Error("the dial did not fail");
};

describe.skipIf(opensslPath === undefined)("TLS (needs openssl)", () => {
  beforeAll(async () => {
    made.certificates = await makeCertificates();
  });

  describe.each(SCHEMES)("over %s", (scheme) => {
    test("a broker is trusted by the authority given", async () => {
      await using server = await startTlsBroker(scheme);
      const { ca } = certificates();
      await using client = await dial(server.url, { tls: { ca, servername: SERVER_NAME } });
      await client.link.subscribe([{ filter: "a", qos: 1 }]);
      await client.link.publish({ topic: "a", payload: "{}", qos: 1, retain: false });
      expect(await client.received(1)).toMatchObject([{ topic: "a" }]);
    });

    test("an authority may be given as bytes, and among others", async () => {
      await using server = await startTlsBroker(scheme);
      const { ca, client: other } = certificates();
      const tls = { ca: [other.cert, new TextEncoder().encode(ca)], servername: SERVER_NAME };
      await using client = await dial(server.url, { tls });
      expect(client.link.protocolLevel).toBe(5);
    });

    test("a broker that no known authority vouches for is refused, in plain words", async () => {
      await using server = await startTlsBroker(scheme);
      const failure = await failureOf(server.url, { servername: SERVER_NAME });
      expect(failure).toBeInstanceOf(ConnectionFailedError);
      expect(failure.message).toMatch(/unable to verify the first certificate|self.signed/);
      expect(server.broker.clientCount).toBe(0);
    });

    test("a broker with another name than the one asked for is refused", async () => {
      await using server = await startTlsBroker(scheme);
      const { ca } = certificates();
      for (const tls of [{ ca }, { ca, servername: "other.test" }]) {
        const failure = await failureOf(server.url, tls);
        expect(failure).toBeInstanceOf(ConnectionFailedError);
        expect(failure.message).toContain(`is for DNS:${SERVER_NAME}, not for`);
      }
    });

    test("an unknown broker is taken where it is asked to be", async () => {
      await using server = await startTlsBroker(scheme);
      await using client = await dial(server.url, { tls: { rejectUnauthorized: false } });
      expect(client.link.protocolLevel).toBe(5);
    });

    test("a client shows its certificate", async () => {
      const { ca, client: identity } = certificates();
      const options = { ca, requestCert: true, rejectUnauthorized: true };
      await using server = await startTlsBroker(scheme, options);
      const tls = { ca, servername: SERVER_NAME, ...identity };
      await using client = await dial(server.url, { tls });
      expect(client.link.protocolLevel).toBe(5);
    });

    test("a client without the certificate that is asked for fails", async () => {
      const { ca } = certificates();
      const options = { ca, requestCert: true, rejectUnauthorized: true };
      await using server = await startTlsBroker(scheme, options);
      const reasons = await unhandledDuring(async () => {
        const failure = await failureOf(server.url, { ca, servername: SERVER_NAME });
        expect(failure).toBeInstanceOf(ConnectionFailedError);
      });
      expect(reasons).toEqual([]);
    });

    test("a broker that speaks no TLS fails the dial", async () => {
      await using broker = await startDevBroker();
      const port = scheme === "wss" ? broker.wsPort : broker.port;
      const failure = await failureOf(`${scheme}://127.0.0.1:${String(port)}`);
      expect(failure).toBeInstanceOf(ConnectionFailedError);
    });
  });

  test("a broker that speaks TLS fails a dial without", async () => {
    await using server = await startTlsBroker("mqtts");
    const failure = await failureOf(server.url.replace("mqtts:", "mqtt:"));
    expect(failure).toBeInstanceOf(ConnectionFailedError);
  });

  /** What looks like a certificate is found out when it is read. */
  const NO_CERTIFICATE = "-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----\n";

  test("a certificate that is none fails the connect, in plain words", async () => {
    await using server = await startTlsBroker("mqtts");
    const { key } = certificates().client;
    await using client = new MQTTClient({ broker: server.url, tls: { cert: NO_CERTIFICATE, key } });
    const failure = await client.connect().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ConnectionFailedError);
    expect(String(failure)).toMatch(/asn1|tls\.cert/);
    expect(String(failure)).not.toContain(key.split("\n")[1]);
  });

  test("a client takes its TLS options to its broker", async () => {
    await using server = await startTlsBroker("mqtts");
    const { ca } = certificates();
    await using client = new MQTTClient({
      broker: server.url,
      tls: { ca, servername: SERVER_NAME },
    });
    await client.connect();
    expect(server.broker.clientCount).toBe(1);
  });
});
