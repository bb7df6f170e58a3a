import { describe, expect, test } from "vitest";
import { tellTimeout, timeoutHint } from "../../src/client/timeout-text.ts";
import { GatewayTimeoutResponse, MQTTClient } from "../../src/index.ts";
import { MemoryBroker } from "../../src/testing.ts";
import type { Link, PublishOutcome, Transport } from "../../src/transport/transport.ts";

const BROKER = "mqtt://broker.example.com:1883";
const FACTS = { timeoutMs: 50, isOnline: true, broker: BROKER } as const;

describe("what is told of a request without a response", () => {
  test.each([
    [
      { ...FACTS, delivery: "not sent", isOnline: false },
      `no link to ${BROKER} within 50 ms: nothing was sent`,
    ],
    [
      { ...FACTS, delivery: "not sent" },
      "nothing was sent within 50 ms: the broker has not granted the subscription to the response, or the socket took no more",
    ],
    [{ ...FACTS, delivery: "sent" }, "no response within 50 ms; the device may still have acted"],
    [
      { ...FACTS, delivery: "sent", isOnline: false },
      `no link to ${BROKER} and no response within 50 ms; the device may still have acted`,
    ],
    [
      { ...FACTS, delivery: "acknowledged" },
      "no response within 50 ms, though the broker has the request; the device may still have acted",
    ],
  ] as const)("is true: %j", (facts, text) => {
    expect(tellTimeout(facts)).toBe(text);
  });

  test.each([
    ["not sent", "check that the broker is running and can be reached"],
    [
      "sent",
      "check that pump is connected and answers this path; with qos 1 and MQTT 5 the broker tells when nobody listens, " +
        "or when its access rules forbid the request; " +
        "check that the broker's access rules let this client read its responses, which come on ns/+/response/+/M",
    ],
    [
      "acknowledged",
      "check that pump answers this path and may publish its responses; " +
        "check that the broker's access rules let this client read its responses, which come on ns/+/response/+/M",
    ],
  ] as const)("says what to check next where it was %s", (delivery, text) => {
    const mailboxFilter = "ns/+/response/+/M";
    expect(timeoutHint({ delivery, target: "pump", why: undefined, mailboxFilter })).toBe(text);
  });
});

test.each([
  [
    "OFFLINE",
    "pump is OFFLINE, as it or its Last Will has told: start it, or see what keeps it from the broker",
  ],
  [
    "ONLINE",
    "pump is ONLINE: check that it answers this path and may publish its responses, and that the broker's access rules " +
      "let this client read its responses, which come on gf_int_v1/+/response/+/M",
  ],
] as const)("says what a device says of itself where somebody watches: %s", async (state, hint) => {
  const broker = new MemoryBroker();
  // With "auto", a first request waits for a SUBACK, which may outlast the deadline: nothing were sent.
  const options = { ...broker.connection, mailbox: "M", responseRouting: "mailbox" } as const;
  await using client = await new MQTTClient(options).connect();
  const topic = "gf_int_v1/device/system/pump/status";
  const payload = JSON.stringify({ body: { state }, timestamp: 0 });
  broker.publish({ topic, payload, retain: true });
  const watch = client.presence();
  await watch.next();
  const failed = client.device("pump", "axuv").get("gains", { timeoutMs: 5 });
  await expect(failed).rejects.toMatchObject({ hint });
});

/** A client over a memory broker whose publishes go the way of the test. */
const clientWith = async (
  publish: (
    link: Link,
    ...args: Parameters<Link["publish"]>
  ) => PublishOutcome | Promise<PublishOutcome>,
): Promise<MQTTClient> => {
  const { transport, broker } = new MemoryBroker().connection;
  const own: Transport = {
    dial: async (request) => {
      const link = await transport.dial(request);
      return new Proxy(link, {
        get: (target, name) => {
          if (name === "publish")
            return (...args: Parameters<Link["publish"]>) => publish(target, ...args);
          const member: unknown = Reflect.get(target, name, target);
          return typeof member === "function" ? (member.bind(target) as unknown) : member;
        },
      });
    },
  };
  return new MQTTClient({ broker, transport: own, responseRouting: "mailbox" }).connect();
};

const timeoutOf = async (client: MQTTClient, qos: 0 | 1): Promise<GatewayTimeoutResponse> => {
  const asked = client.device("pump", "axuv").get("gains", { qos, timeoutMs: 100 });
  const error = await asked.catch((thrown: unknown) => thrown);
  if (error instanceof GatewayTimeoutResponse) return error;
  throw new Error("no timeout", { cause: error });
};

describe("the delivery of a request without a response", () => {
  test("is sent with QoS 0, and with QoS 1 that the broker does not confirm", async () => {
    await using plain = await clientWith((link, ...args) => link.publish(...args));
    expect(await timeoutOf(plain, 0)).toMatchObject({ delivery: "sent", responseCode: 504 });
    await using silent = await clientWith(() => new Promise(() => {}));
    const error = await timeoutOf(silent, 1);
    expect(error).toMatchObject({
      delivery: "sent",
      hint: expect.stringMatching(/^check that pump/),
    });
    expect(error.message).toContain("the device may still have acted");
    expect(error.message.endsWith(`; ${String(error.hint)}`)).toBe(true);
  });

  test("is acknowledged when the broker has it", async () => {
    await using client = await clientWith(() => Promise.resolve("delivered" as const));
    expect(await timeoutOf(client, 1)).toMatchObject({ delivery: "acknowledged" });
  });

  test("is not sent where the socket took it not, and nothing is said of what the device did", async () => {
    await using client = await clientWith(() => new Promise(() => {}));
    const error = await timeoutOf(client, 0);
    expect(error).toMatchObject({ delivery: "not sent" });
    expect(error.message).not.toContain("may still have acted");
  });

  test("is not sent where there was no link the whole time, for the reason of the last dial", async () => {
    const broker = new MemoryBroker();
    const reconnect = { minDelayMs: 1, maxDelayMs: 5 };
    await using client = await new MQTTClient({ ...broker.connection, reconnect }).connect();
    broker.stop();
    const error = await timeoutOf(client, 0);
    expect(error).toMatchObject({
      delivery: "not sent",
      detail: expect.stringMatching(/^no link to .* within 100 ms: nothing was sent$/),
      hint: expect.stringMatching(/^the last dial says: .*stopped/),
      cause: expect.any(Error),
    });
    expect(error.message).not.toContain("may still have acted");
  });
});
