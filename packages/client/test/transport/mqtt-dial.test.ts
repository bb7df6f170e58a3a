import { once } from "node:events";
import { createServer } from "node:net";
import type { Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { startDevBroker } from "gf-mqtt-dev-broker";
import { describe, expect, test } from "vitest";
import { ConnectionFailedError } from "../../src/errors/connection-failed-error.ts";
import { recordingLogger } from "../runtime/recording-logger.ts";
import { unhandledDuring } from "../runtime/unhandled-rejections.ts";
import { freePort } from "../support/free-port.ts";
import { startLegacyFront } from "../support/legacy-broker.ts";
import { listenLocally } from "../support/local-server.ts";
import type { DialRequest } from "../../src/transport/transport.ts";
import { dial } from "./dialled-link.ts";
import { soon } from "./soon.ts";

const STOPPED = new Error("stopped");
const BOTH_LEVELS = [4, 5] as const;

/** A server that treats every connection as the test says. */
const startServer = async (treat: (socket: Socket) => void) => {
  const sockets: Socket[] = [];
  const server = await listenLocally(
    createServer((socket) => {
      sockets.push(socket);
      socket.on("error", () => {});
      treat(socket);
    }),
  );
  return {
    url: `mqtt://127.0.0.1:${String(server.port)}`,
    sockets,
    [Symbol.asyncDispose]: server.close,
  };
};

/** The error that a dial ends with. */
const failureOf = async (url: string, request: Partial<DialRequest> = {}): Promise<unknown> => {
  const outcome = await dial(url, request).catch((error: unknown) => error);
  if (outcome instanceof Error) return outcome;
  throw new Error("the dial did not fail");
};

describe("a dial to a broker that accepts", () => {
  test.each(BOTH_LEVELS)("opens a link of the level asked for: %i", async (protocolLevel) => {
    await using broker = await startDevBroker({ wsPort: false });
    await using client = await dial(broker.url, { protocolLevel });
    expect(client.link.protocolLevel).toBe(protocolLevel);
    expect(broker.clientCount).toBe(1);
  });

  test("opens a link of MQTT 5 when the level is left to it", async () => {
    await using broker = await startDevBroker({ wsPort: false });
    await using client = await dial(broker.url, { protocolLevel: "auto" });
    expect(client.link.protocolLevel).toBe(5);
  });

  test("names the client, the user and the password", async () => {
    const seen: unknown[] = [];
    await using broker = await startDevBroker({
      wsPort: false,
      authenticate: (credentials) => {
        seen.push(credentials);
        return true;
      },
    });
    await using client = await dial(broker.url, {
      clientId: "device",
      username: "user",
      password: "pass:wörd",
    });
    expect(client.link).toBeDefined();
    expect(seen).toMatchObject([{ clientId: "device", username: "user", password: "pass:wörd" }]);
  });

  test("may have the longest timeout that there is", async () => {
    await using broker = await startDevBroker({ wsPort: false });
    await using client = await dial(broker.url, { timeoutMs: 2_147_483_647 });
    expect(client.link.protocolLevel).toBe(5);
  });
});

const hasIPv6 = Object.values(networkInterfaces())
  .flat()
  .some((address) => address?.internal === true && address.family === "IPv6");

describe.skipIf(!hasIPv6)("a dial to an IPv6 address (needs ::1 on this machine)", () => {
  test.each(["url", "wsUrl"] as const)("reaches it by its %s", async (over) => {
    await using broker = await startDevBroker({ host: "::1" });
    expect(broker[over]).toContain("[::1]");
    await using client = await dial(broker[over]);
    expect(client.link.protocolLevel).toBe(5);
  });
});

describe("a dial to a broker that knows MQTT 3.1.1 only", () => {
  test.each([
    {
      mode: "refuse",
      levels: [5, 4],
      message: "the broker refused MQTT 5, trying MQTT 3.1.1",
    },
    {
      mode: "hang-up",
      levels: [5, 5, 4],
      message: "the broker closed the connection twice on MQTT 5, and accepts MQTT 3.1.1",
    },
  ] as const)(
    "falls back to it and says truly why, if brokers $mode",
    async ({ mode, levels, message }) => {
      const { logger, entries } = recordingLogger();
      await using broker = await startDevBroker({ wsPort: false });
      await using front = await startLegacyFront(broker.port, mode);
      await using client = await dial(front.url, { protocolLevel: "auto", logger });
      expect(client.link.protocolLevel).toBe(4);
      expect(front.levels).toEqual(levels);
      expect(entries.filter(({ level }) => level === "info")).toMatchObject([{ message }]);
    },
  );

  test("is asked for MQTT 5 again at the next dial", async () => {
    await using broker = await startDevBroker({ wsPort: false });
    await using front = await startLegacyFront(broker.port, "refuse");
    for (const levels of [
      [5, 4],
      [5, 4, 5, 4],
    ]) {
      await using client = await dial(front.url, { protocolLevel: "auto" });
      expect(client.link.protocolLevel).toBe(4);
      expect(front.levels).toEqual(levels);
    }
  });

  test("falls back to it after a refusal in the form of MQTT 5", async () => {
    await using broker = await startDevBroker({ wsPort: false, protocolVersions: [4] });
    await using client = await dial(broker.url, { protocolLevel: "auto" });
    expect(client.link.protocolLevel).toBe(4);
  });

  test("does not fall back when MQTT 5 was asked for, and gives the code of the refusal", async () => {
    await using broker = await startDevBroker({ wsPort: false });
    await using front = await startLegacyFront(broker.port, "refuse");
    expect(await failureOf(front.url, { protocolLevel: 5 })).toMatchObject({
      name: "ConnectionFailedError",
      reasonCode: 1,
      message: expect.stringContaining("Unacceptable protocol version (1)"),
    });
    expect(front.levels).toEqual([5]);
  });

  test("does not fall back when MQTT 5 was asked for and the broker hangs up", async () => {
    await using broker = await startDevBroker({ wsPort: false });
    await using front = await startLegacyFront(broker.port, "hang-up");
    const failure = await failureOf(front.url, { protocolLevel: 5 });
    expect(failure).toBeInstanceOf(ConnectionFailedError);
    expect(front.levels).toEqual([5]);
  });
});

describe("a dial that the broker refuses", () => {
  test.each([
    [4, 4, "Bad user name or password (4)"],
    [5, 134, "Bad User Name or Password (134)"],
  ] as const)("for its credentials says so, MQTT level %i", async (level, reasonCode, text) => {
    await using broker = await startDevBroker({ wsPort: false, authenticate: () => false });
    const failure = await failureOf(broker.url, {
      protocolLevel: level,
      username: "user",
      password: "secret",
    });
    expect(failure).toBeInstanceOf(ConnectionFailedError);
    expect(failure).toMatchObject({
      reasonCode,
      message: `cannot connect to ${broker.url}: the broker refused: ${text}; check the username and password, then what the broker allows this client`,
    });
  });

  test("for its credentials does not try MQTT 3.1.1 as well", async () => {
    const seen: unknown[] = [];
    await using broker = await startDevBroker({
      wsPort: false,
      authenticate: (credentials) => {
        seen.push(credentials);
        return false;
      },
    });
    await failureOf(broker.url, { protocolLevel: "auto" });
    expect(seen).toHaveLength(1);
  });

  test("leaves no connection open", async () => {
    await using broker = await startDevBroker({ wsPort: false, authenticate: () => false });
    await failureOf(broker.url);
    expect(broker.clientCount).toBe(0);
  });
});

describe("a dial that nobody answers properly", () => {
  test.each(["auto", ...BOTH_LEVELS] as const)(
    "fails where nothing listens, level %s",
    async (protocolLevel) => {
      const port = await freePort();
      const failure = await failureOf(`mqtt://127.0.0.1:${String(port)}`, { protocolLevel });
      expect(failure).toBeInstanceOf(ConnectionFailedError);
      expect(String(failure)).toContain("ECONNREFUSED");
      expect(String(failure)).toContain("check that the broker is running");
    },
  );

  test.each(["auto", ...BOTH_LEVELS] as const)(
    "fails where the broker hangs up, level %s",
    async (protocolLevel) => {
      await using server = await startServer((socket) => socket.destroy());
      const failure = await failureOf(server.url, { protocolLevel });
      expect(failure).toBeInstanceOf(ConnectionFailedError);
    },
  );

  test("says that the broker closed the connection without a word", async () => {
    await using server = await startServer((socket) => socket.end());
    const failure = await failureOf(server.url, { protocolLevel: 4 });
    expect(String(failure)).toContain("the broker closed the connection before it answered");
  });

  test.each(BOTH_LEVELS)("fails where no MQTT is spoken, level %i", async (protocolLevel) => {
    await using server = await startServer((socket) => {
      socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    const reasons = await unhandledDuring(async () => {
      const failure = await failureOf(server.url, { protocolLevel });
      expect(failure).toBeInstanceOf(ConnectionFailedError);
    });
    expect(reasons).toEqual([]);
  });

  test.each(["auto", 4] as const)(
    "ends at its deadline where nothing is answered, and hangs up, level %s",
    async (protocolLevel) => {
      await using server = await startServer((socket) => socket.resume());
      const failure = await failureOf(server.url, { protocolLevel, timeoutMs: 60 });
      expect(failure).toBeInstanceOf(ConnectionFailedError);
      expect(String(failure)).toContain("no answer within 60 ms");
      const hungUp = server.sockets.map((socket) => socket.destroyed || once(socket, "close"));
      await soon("the end of every connection", Promise.all(hungUp.map(async (end) => end)));
      expect(server.sockets).toHaveLength(1);
    },
  );
});

describe("a dial with a signal", () => {
  test("that was aborted before connects nowhere", async () => {
    await using server = await startServer(() => {});
    expect(await failureOf(server.url, { signal: AbortSignal.abort(STOPPED) })).toBe(STOPPED);
    expect(server.sockets).toEqual([]);
  });

  test("that is aborted on the way hangs up", async () => {
    const controller = new AbortController();
    await using server = await startServer((socket) => {
      socket.resume();
      socket.once("data", () => controller.abort(STOPPED));
    });
    const failure = await failureOf(server.url, { signal: controller.signal });
    expect(failure).toBe(STOPPED);
    const [socket] = server.sockets;
    if (socket !== undefined && !socket.destroyed) await soon("the end", once(socket, "close"));
    expect(socket?.destroyed).toBe(true);
  });

  test("that is aborted once the link is open leaves the link alone", async () => {
    const controller = new AbortController();
    await using broker = await startDevBroker({ wsPort: false });
    await using client = await dial(broker.url, { signal: controller.signal });
    controller.abort(STOPPED);
    await client.link.subscribe([{ filter: "a", qos: 0 }]);
    expect(broker.clientCount).toBe(1);
  });
});
