import { createServer } from "node:http";
import { startDevBroker } from "gf-mqtt-dev-broker";
import { describe, expect, test } from "vitest";
import { ConnectionFailedError } from "../../src/errors/connection-failed-error.ts";
import { unhandledDuring } from "../runtime/unhandled-rejections.ts";
import { listenLocally } from "../support/local-server.ts";
import { dial } from "./dialled-link.ts";

/** An HTTP server that refuses to speak WebSocket, and notes what it was asked for. */
const startHttpServer = async () => {
  const asked: { url: string | undefined; protocol: string | undefined }[] = [];
  const http = createServer((_request, response) => void response.writeHead(404).end());
  http.on("upgrade", ({ url, headers }, socket) => {
    asked.push({ url, protocol: headers["sec-websocket-protocol"] });
    socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n");
  });
  const server = await listenLocally(http);
  return {
    url: `ws://127.0.0.1:${String(server.port)}`,
    asked,
    [Symbol.asyncDispose]: server.close,
  };
};

describe("a WebSocket", () => {
  test.each([4, 5, "auto"] as const)("carries messages both ways, level %s", async (level) => {
    await using broker = await startDevBroker();
    await using client = await dial(broker.wsUrl, { protocolLevel: level });
    await client.link.subscribe([{ filter: "a/+", qos: 2 }]);
    for (const qos of [0, 1, 2] as const) {
      await client.link.publish({ topic: `a/${String(qos)}`, payload: "{}", qos, retain: false });
    }
    const messages = await client.received(3);
    expect(messages.map(({ topic, qos }) => [topic, qos])).toEqual([
      ["a/0", 0],
      ["a/1", 1],
      ["a/2", 2],
    ]);
  });

  test("carries a large message whole", async () => {
    await using broker = await startDevBroker();
    await using client = await dial(broker.wsUrl);
    await client.link.subscribe([{ filter: "a", qos: 0 }]);
    const payload = "€".repeat(200_000);
    await client.link.publish({ topic: "a", payload, qos: 0, retain: false });
    const [message] = await client.received(1);
    expect(new TextDecoder().decode(message?.payload)).toBe(payload);
  });

  test("asks for the path and the query of the URL, and for MQTT", async () => {
    await using server = await startHttpServer();
    await dial(`${server.url}/mqtt?token=a%20b`).catch(() => undefined);
    expect(server.asked).toEqual([{ url: "/mqtt?token=a%20b", protocol: "mqtt" }]);
  });

  test("does not take the client's name from the query of the URL", async () => {
    const names: string[] = [];
    await using broker = await startDevBroker({
      authenticate: ({ clientId }) => {
        names.push(clientId);
        return true;
      },
    });
    await using client = await dial(`${broker.wsUrl}/?clientId=other`, { clientId: "device" });
    expect(client.link).toBeDefined();
    expect(names).toEqual(["device"]);
  });

  test.each([4, "auto"] as const)(
    "fails with the server's answer where there is none, level %s",
    async (protocolLevel) => {
      await using server = await startHttpServer();
      const reasons = await unhandledDuring(async () => {
        const failure = await dial(server.url, { protocolLevel }).catch((error: unknown) => error);
        expect(failure).toBeInstanceOf(ConnectionFailedError);
        expect(String(failure)).toContain("404");
      });
      expect(reasons).toEqual([]);
      expect(server.asked).toHaveLength(1);
    },
  );

  test("that is cut is a lost link", async () => {
    await using broker = await startDevBroker();
    await using client = await dial(broker.wsUrl);
    broker.dropConnections();
    expect(await client.lost()).toMatchObject({ name: "LinkLostError" });
  });
});
