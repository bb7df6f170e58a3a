import { describe, expect, test, vi } from "vitest";
import { HookError, startDevBroker } from "../src/index.ts";
import type { Credentials } from "../src/index.ts";
import {
  LINKS,
  PATIENCE,
  connectOver,
  connectTo,
  event,
  grantedCodes,
  refusalCode,
} from "./support/client.ts";

const LOGIN = { username: "ada", password: "secret" };

describe("authenticate", () => {
  test.each(LINKS)("is shown the credentials of a client of $name", async (link) => {
    const authenticate = vi.fn(() => true);
    await using broker = await startDevBroker({ authenticate });
    await using _client = await connectOver(broker, link, { clientId: "desk", ...LOGIN });
    expect(authenticate.mock.calls).toEqual([[{ clientId: "desk", ...LOGIN }]]);
  });

  test("is shown no user name and no password where a client has none", async () => {
    const shown: Credentials[] = [];
    await using broker = await startDevBroker({ authenticate: (it) => shown.push(it) > 0 });
    await using _client = await connectTo(broker.url, { clientId: "desk" });
    expect(shown).toEqual([{ clientId: "desk", username: undefined, password: undefined }]);
  });

  test("may take its time", async () => {
    await using broker = await startDevBroker({
      authenticate: ({ username }) => Promise.resolve(username === "ada"),
    });
    await using client = await connectTo(broker.url, LOGIN);
    expect(client.mqtt.connected).toBe(true);
    expect(await refusalCode(broker.url, { username: "bob" })).toBe(134);
  });

  test.each([
    { version: "MQTT 3.1.1", protocolVersion: 4, wrong: 4, missing: 5 },
    { version: "MQTT 5", protocolVersion: 5, wrong: 134, missing: 135 },
  ] as const)(
    "refuses $version with $wrong for a wrong password, with $missing without a user name",
    async ({ protocolVersion, wrong, missing }) => {
      const onError = vi.fn();
      const authenticate = ({ password }: Credentials): boolean => password === LOGIN.password;
      await using broker = await startDevBroker({ authenticate, onError });
      const wrongLogin = { ...LOGIN, password: "guess", protocolVersion };
      expect(await refusalCode(broker.url, wrongLogin)).toBe(wrong);
      expect(await refusalCode(broker.wsUrl, { protocolVersion })).toBe(missing);
      expect(broker.clientCount).toBe(0);
      expect(onError).not.toHaveBeenCalled();
    },
  );

  const failure = new Error("the user database is away");
  test.each([
    {
      name: "throws",
      authenticate: () => {
        throw failure;
      },
    },
    { name: "rejects", authenticate: () => Promise.reject(failure) },
  ])("that $name refuses, and is reported", async ({ authenticate }) => {
    const onError = vi.fn();
    await using broker = await startDevBroker({ authenticate, onError });
    expect(await refusalCode(broker.url, { clientId: "desk", ...LOGIN })).toBe(135);
    expect(onError.mock.calls).toEqual([[expect.any(HookError)]]);
    expect(onError.mock.calls[0]?.[0]).toMatchObject({
      code: "HOOK_FAILED",
      hook: "authenticate",
      clientId: "desk",
      cause: failure,
      message: 'authenticate failed, so client "desk" is refused: the user database is away',
    });
  });

  test("that answers with no boolean refuses, and is reported", async () => {
    const onError = vi.fn();
    await using broker = await startDevBroker({ authenticate: () => JSON.parse("1"), onError });
    expect(await refusalCode(broker.url, LOGIN)).toBe(135);
    expect(onError.mock.calls[0]?.[0]).toMatchObject({
      hook: "authenticate",
      cause: { message: "it answered with number instead of a boolean" },
    });
  });

  test("that never answers does not hold up the end of the broker", async () => {
    const authenticate = vi.fn(() => new Promise<boolean>(() => {}));
    const broker = await startDevBroker({ authenticate });
    const refused = connectTo(broker.url).catch((error: unknown) => error);
    await vi.waitUntil(() => authenticate.mock.calls.length > 0, PATIENCE);
    await broker.close();
    expect(await refused).toMatchObject({ message: "the connection ended before the CONNACK" });
  });
});

describe("authorizeSubscribe", () => {
  const ownOnly = (clientId: string, filter: string): boolean => filter.startsWith(`${clientId}/`);

  test.each(LINKS)("refuses a filter in the SUBACK of $name", async (link) => {
    await using broker = await startDevBroker({ authorizeSubscribe: ownOnly });
    await using client = await connectOver(broker, link, { clientId: "desk" });
    const refused = link.protocolVersion === 5 ? 135 : 128;
    expect(await grantedCodes(client, ["desk/+", "other/+", "desk/a"])).toEqual([0, refused, 0]);
  });

  test("keeps from a client what it refused", async () => {
    await using broker = await startDevBroker({ authorizeSubscribe: ownOnly });
    await using client = await connectTo(broker.url, { clientId: "desk" });
    await grantedCodes(client, ["other/+", "desk/+"]);
    await client.mqtt.publishAsync("other/a", "not for the desk");
    await client.mqtt.publishAsync("desk/a", "for the desk");
    expect(String((await client.receive()).payload)).toBe("for the desk");
  });

  test.each([4, 5] as const)(
    "keeps what it refused out of sessions at protocol level %i",
    async (protocolVersion) => {
      await using broker = await startDevBroker({ authorizeSubscribe: ownOnly });
      await using operator = await connectTo(broker.url);
      const session = {
        clientId: "desk",
        clean: false,
        protocolVersion,
        ...(protocolVersion === 5 && { properties: { sessionExpiryInterval: 60 } }),
      };
      const before = await connectTo(broker.url, session);
      await grantedCodes(before, ["desk/+", "other/+", "desk/a/+"], 1);
      await before.mqtt.endAsync();
      for (const topic of ["other/1", "desk/2", "desk/a/3"]) {
        await operator.mqtt.publishAsync(topic, "", { qos: 1 });
      }
      await using after = await connectTo(broker.url, session);
      const topics = [(await after.receive()).topic, (await after.receive()).topic];
      expect(topics).toEqual(["desk/2", "desk/a/3"]);
    },
  );

  test("that throws refuses, and is reported", async () => {
    const onError = vi.fn();
    const authorizeSubscribe = (): boolean => {
      throw new Error("no rules");
    };
    await using broker = await startDevBroker({ authorizeSubscribe, onError });
    await using client = await connectTo(broker.url, { protocolVersion: 4, clientId: "desk" });
    expect(await grantedCodes(client, ["desk/+"])).toEqual([128]);
    expect(onError.mock.calls[0]?.[0]).toMatchObject({
      hook: "authorizeSubscribe",
      clientId: "desk",
    });
  });
});

describe("authorizePublish", () => {
  const ownOnly = (clientId: string, topic: string): boolean => topic.startsWith(`${clientId}/`);

  test("tells an MQTT 5 client with the reason code 135, and delivers nothing", async () => {
    const onError = vi.fn();
    await using broker = await startDevBroker({ authorizePublish: ownOnly, onError });
    await using client = await connectTo(broker.url, { clientId: "desk" });
    await client.mqtt.subscribeAsync("#");
    const refused = client.mqtt.publishAsync("other/a", "1", { qos: 1 });
    await expect(refused).rejects.toMatchObject({ code: 135 });
    await client.mqtt.publishAsync("desk/a", "2", { qos: 1 });
    expect(String((await client.receive()).payload)).toBe("2");
    expect(onError).not.toHaveBeenCalled();
  });

  test("ends the connection of an MQTT 3.1.1 client, which has no other way to hear", async () => {
    await using broker = await startDevBroker({ authorizePublish: ownOnly });
    await using client = await connectTo(broker.url, { clientId: "desk", protocolVersion: 4 });
    const closed = event(client.mqtt, "close");
    client.mqtt.publish("other/a", "1");
    await closed;
    await expect.poll(() => broker.clientCount, PATIENCE).toBe(0);
  });

  test("decides about wills too", async () => {
    await using broker = await startDevBroker({ authorizePublish: ownOnly });
    await using watcher = await connectTo(broker.url);
    await watcher.mqtt.subscribeAsync("#");
    for (const topic of ["other/will", "desk/will"]) {
      const will = { topic, payload: Buffer.from(topic), qos: 0, retain: false } as const;
      const client = await connectTo(broker.url, { clientId: "desk", will });
      client.mqtt.stream.destroy();
    }
    expect((await watcher.receive()).topic).toBe("desk/will");
  });

  test("that throws refuses, and is reported", async () => {
    const onError = vi.fn();
    const authorizePublish = (): boolean => {
      throw new Error("no rules");
    };
    await using broker = await startDevBroker({ authorizePublish, onError });
    await using client = await connectTo(broker.url, { clientId: "desk" });
    const refused = client.mqtt.publishAsync("desk/a", "1", { qos: 1 });
    await expect(refused).rejects.toMatchObject({ code: 135 });
    expect(onError.mock.calls[0]?.[0]).toMatchObject({ hook: "authorizePublish" });
  });

  test("has no say about $SYS topics, which belong to the broker", async () => {
    await using broker = await startDevBroker({ authorizePublish: () => true });
    await using client = await connectTo(broker.url);
    const refused = client.mqtt.publishAsync("$SYS/uptime", "1", { qos: 1 });
    await expect(refused).rejects.toMatchObject({ code: 135 });
  });
});

describe("protocolVersions", () => {
  test("with 4 alone refuses MQTT 5 with the reason code 132", async () => {
    await using broker = await startDevBroker({ protocolVersions: [4] });
    expect(await refusalCode(broker.url, { protocolVersion: 5 })).toBe(132);
    expect(await refusalCode(broker.wsUrl, { protocolVersion: 5 })).toBe(132);
    await using client = await connectTo(broker.url, { protocolVersion: 4 });
    expect(client.mqtt.connected).toBe(true);
  });

  test("with 5 alone refuses MQTT 3.1.1 with the return code 1", async () => {
    await using broker = await startDevBroker({ protocolVersions: [5] });
    expect(await refusalCode(broker.url, { protocolVersion: 4 })).toBe(1);
    expect(await refusalCode(broker.wsUrl, { protocolVersion: 4 })).toBe(1);
    await using client = await connectTo(broker.url, { protocolVersion: 5 });
    expect(client.mqtt.connected).toBe(true);
  });

  test("never includes MQTT 3.1", async () => {
    await using broker = await startDevBroker();
    const old = { protocolVersion: 3, protocolId: "MQIsdp" } as const;
    expect(await refusalCode(broker.url, old)).toBe(1);
  });
});
