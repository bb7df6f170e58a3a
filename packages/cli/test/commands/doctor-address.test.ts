import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startDevBroker } from "gf-mqtt-dev-broker";
import type { DevBrokerWithWebSocket } from "gf-mqtt-dev-broker";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { freePort } from "../../../client/test/support/free-port.ts";
import { listenLocally } from "../../../client/test/support/local-server.ts";
import {
  SERVER_NAME,
  makeCertificates,
  opensslPath,
} from "../../../client/test/transport/certificates.ts";
import type { Certificates } from "../../../client/test/transport/certificates.ts";
import { startTlsFront } from "../../../client/test/transport/tls-front.ts";
import type { TlsFront } from "../../../client/test/transport/tls-front.ts";
import { examine } from "../support/doctor.ts";

let broker: DevBrokerWithWebSocket;
beforeAll(async () => {
  broker = await startDevBroker();
});
afterAll(() => broker.close());

const portOf = (url: string): string => new URL(url.replace(/^\w+:/, "http:")).port;

test("a name that nobody knows is told, and that there is no connection", async () => {
  const { status, of, document } = await examine("--broker", "no-such-broker.invalid");
  expect(status).toBe(7);
  expect(document.connected).toBe(false);
  expect(of("address.name")).toMatchObject({
    status: "failed",
    text: expect.stringMatching(/^the host name "no-such-broker.invalid" is not known here \(E/),
  });
  expect(of("address.port")).toMatchObject({ status: "unknown", text: "no address" });
  expect(of("limits.qos")).toMatchObject({ status: "unknown", text: "no connection" });
});

test("a port where nothing listens is told", async () => {
  const port = String(await freePort());
  const { status, of } = await examine("--broker", `127.0.0.1:${port}`);
  expect(status).toBe(7);
  expect(of("address.name").status).toBe("ok");
  expect(of("address.port")).toMatchObject({
    status: "failed",
    text: `nothing listens on port ${port}`,
  });
});

test("a port for WebSocket is told from one for MQTT, and the reverse", async () => {
  const asMqtt = await examine("--broker", broker.wsUrl.replace("ws:", "mqtt:"));
  expect(asMqtt.status).toBe(7);
  expect(asMqtt.failures).toEqual(["address.protocol"]);
  expect(asMqtt.of("address.protocol")).toMatchObject({
    text: "WebSocket without TLS answers there, not MQTT without TLS",
    data: { url: `ws://127.0.0.1:${portOf(broker.wsUrl)}` },
  });
  const asWebSocket = await examine("--broker", broker.url.replace("mqtt:", "ws:"));
  expect(asWebSocket.of("address.protocol").data).toEqual({ url: broker.url });
});

test("all is well over a WebSocket", async () => {
  expect(await examine("--broker", broker.wsUrl)).toMatchObject({ status: 0, failures: [] });
});

test("TLS that is asked of a port without is told", async () => {
  const { status, of, failures } = await examine("--broker", broker.url.replace(":", "s:"));
  expect(status).toBe(7);
  expect(failures).toEqual(["address.protocol"]);
  expect(of("address.protocol")).toMatchObject({
    text: "MQTT without TLS answers there, not MQTT over TLS",
    data: { url: broker.url },
  });
});

test("a web server is told, and the path of a WebSocket", async () => {
  const web = createHttpServer((_request, response) => {
    response.writeHead(404).end();
  });
  const server = await listenLocally(web);
  const place = `127.0.0.1:${String(server.port)}`;
  for (const scheme of ["mqtt", "ws"]) {
    const { of } = await examine("--broker", `${scheme}://${place}`, "--timeout", "2s");
    expect(of("address.protocol").text).toMatch(/^a web server answers there \("HTTP\/1\.1 4\d\d /);
  }
  web.on("upgrade", (request, socket) => {
    socket.end(`HTTP/1.1 ${request.url === "/mqtt" ? "101 Switching" : "404 Not"}\r\n\r\n`);
  });
  const { of } = await examine("--broker", `ws://${place}`, "--timeout", "2s");
  await server.close();
  expect(of("address.protocol")).toMatchObject({
    text: "a web server answers there, whose WebSocket is at /mqtt",
    data: { url: `ws://${place}/mqtt` },
  });
});

test.each([
  ["something else", (socket: Socket) => void socket.write("SSH-2.0-OpenSSH_9.2\r\n"), "SSH-2.0"],
  ["who hangs up", (socket: Socket) => void socket.destroy(), "is closed without a word"],
])("%s that answers is told", async (_what, greet, told) => {
  const server = await listenLocally(createServer(greet));
  const url = `127.0.0.1:${String(server.port)}`;
  const { status, of } = await examine("--broker", url, "--timeout", "2s");
  await server.close();
  expect(status).toBe(7);
  expect(of("address.protocol").text).toContain(told);
});

describe.skipIf(opensslPath === undefined)("TLS (openssl)", () => {
  let certificates: Certificates;
  let front: TlsFront;
  let folder: string;
  const file = (name: string): string => join(folder, name);
  beforeAll(async () => {
    certificates = await makeCertificates();
    const { ca, server, client } = certificates;
    folder = await mkdtemp(join(tmpdir(), "doctor-"));
    await writeFile(file("ca.pem"), ca);
    await writeFile(file("client.pem"), client.cert);
    await writeFile(file("client.key"), client.key);
    front = await startTlsFront(Number(portOf(broker.url)), { ...server, noDelay: true });
  });
  afterAll(async () => {
    await front[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });
  const url = (scheme = "mqtts"): string => `${scheme}://127.0.0.1:${String(front.port)}`;
  const named = (): string[] => ["--servername", SERVER_NAME];

  test("TLS on a port that was taken for one without is told", async () => {
    const { status, failures, of } = await examine("--broker", url("mqtt"));
    expect(status).toBe(7);
    expect(failures).toEqual(["address.protocol"]);
    expect(of("address.protocol").data).toEqual({ url: url() });
  });

  test("chain and name are good, and an end that is near is told", async () => {
    const args = ["--broker", url(), "--ca", file("ca.pem"), ...named()];
    const { status, of, failures } = await examine(...args);
    // The certificate of this test is good for a day.
    expect(failures).toEqual(["tls.expiry"]);
    expect(status).toBe(1);
    expect(of("tls.handshake").text).toBe("TLSv1.3");
    expect(of("tls.chain")).toMatchObject({ status: "ok", text: "signed by test authority" });
    expect(of("tls.name")).toMatchObject({ status: "ok" });
    expect(of("tls.expiry").text).toMatch(/^the certificate expires in [01] days, on 2/);
  });

  test("an authority that nobody knows, and a name that is another, are told", async () => {
    const { status, of } = await examine("--broker", url());
    expect(status).toBe(7);
    expect(of("tls.chain")).toMatchObject({
      status: "failed",
      text: expect.stringMatching(/^no authority known here vouches .* \([A-Z_]+\)$/),
      advice: "give --ca the certificate of the authority that signed it",
    });
    expect(of("tls.name")).toMatchObject({
      status: "failed",
      text: `the certificate is for DNS:${SERVER_NAME}, not for 127.0.0.1`,
    });
  });

  test("a broker that wants a client certificate is told, and pleased with one", async () => {
    const { ca, server } = certificates;
    const strict = {
      ...server,
      ca,
      noDelay: true,
      requestCert: true,
      rejectUnauthorized: true,
    };
    await using guarded = await startTlsFront(Number(portOf(broker.url)), strict);
    const place = ["--broker", `mqtts://127.0.0.1:${String(guarded.port)}`];
    const args = [...place, "--ca", file("ca.pem"), ...named()];
    const { status, of } = await examine(...args);
    expect(status).toBe(7);
    expect(of("tls.handshake")).toMatchObject({ status: "failed" });
    expect(of("tls.handshake").advice).toContain("give --cert and --key");
    const own = ["--cert", file("client.pem"), "--key", file("client.key")];
    expect((await examine(...args, ...own)).failures).toEqual(["tls.expiry"]);
  });

  test("a WebSocket over TLS is looked at in the same way", async () => {
    const options = { ...certificates.server, noDelay: true };
    await using secure = await startTlsFront(Number(portOf(broker.wsUrl)), options);
    const place = ["--broker", `wss://127.0.0.1:${String(secure.port)}`];
    const { failures, of } = await examine(...place, "--ca", file("ca.pem"), ...named());
    expect(failures).toEqual(["tls.expiry"]);
    expect(of("address.protocol").text).toBe("WebSocket over TLS answers");
  });

  test("TLS 1.2 is shaken hands with, too", async () => {
    const { server } = certificates;
    const old = { ...server, maxVersion: "TLSv1.2" as const };
    await using front12 = await startTlsFront(Number(portOf(broker.url)), old);
    const place = ["--broker", `mqtts://127.0.0.1:${String(front12.port)}`];
    const { of } = await examine(...place, "--ca", file("ca.pem"), ...named());
    expect(of("tls.handshake").text).toBe("TLSv1.2");
  });
});
