import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { PROBE_MS } from "../../src/connection/link-health.ts";
import { GatewayTimeoutResponse, MQTTClient, RequestHandlerBase } from "../../src/index.ts";
import type { ClientState, MessageHandler, RequestOptions } from "../../src/index.ts";
import { systemClock } from "../../src/runtime/platform.ts";
import type { RawPacket } from "../transport/packets.ts";
import {
  PacketType,
  acknowledgement,
  messageIdOf,
  readFilters,
  readPublish,
  verdicts,
} from "../transport/packets.ts";
import type { Answer, ScriptedBroker } from "../transport/scripted-broker.ts";
import { startScriptedBroker } from "../transport/scripted-broker.ts";
import { Arrivals } from "../transport/soon.ts";

const { PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK } =
  PacketType;

/** What acknowledges a packet, as MQTT 3.1.1 has it. */
const acknowledgementOf = (packet: RawPacket): { type: number; bytes: Buffer } | undefined => {
  if (packet.type === PUBLISH) {
    const { qos, messageId } = readPublish(packet, 4);
    if (messageId === undefined) return undefined;
    const type = qos === 1 ? PUBACK : PUBREC;
    return { type, bytes: acknowledgement(type, messageId) };
  }
  if (![PUBREL, SUBSCRIBE, UNSUBSCRIBE].some((type) => type === packet.type)) return undefined;
  const messageId = messageIdOf(packet);
  if (packet.type === PUBREL) return { type: PUBCOMP, bytes: acknowledgement(PUBCOMP, messageId) };
  if (packet.type === SUBSCRIBE) {
    const codes = readFilters(packet, 4).map(() => 0);
    return { type: SUBACK, bytes: verdicts({ type: SUBACK, messageId }, 4, codes) };
  }
  return { type: UNSUBACK, bytes: verdicts({ type: UNSUBACK, messageId }, 4, []) };
};

/** The response of a device that the broker itself plays; undefined for what is no request. */
const responseTo = (packet: RawPacket): Buffer | undefined => {
  if (packet.type !== PUBLISH) return undefined;
  const { topic, payload } = readPublish(packet, 4);
  if (!topic.includes("/request/")) return undefined;
  const { header } = JSON.parse(payload) as { header: { path: string; request_id: string } };
  const { path, request_id } = header;
  const answer = { header: { response_code: 205, path, request_id }, body: 5, timestamp: 0 };
  const name = Buffer.from(topic.replace("/request/", "/response/"));
  const body = Buffer.concat([
    Buffer.from([0, name.length]),
    name,
    Buffer.from(JSON.stringify(answer)),
  ]);
  const length = Buffer.from([(body.length & 0x7f) | 0x80, body.length >> 7]);
  return Buffer.concat([Buffer.from([PUBLISH << 4]), length, body]);
};

/** Answers everything, as a broker does and the device behind it. */
const answerAll: Answer = (packet, send) => {
  const acknowledged = acknowledgementOf(packet);
  if (acknowledged !== undefined) send(acknowledged.bytes);
  const response = responseTo(packet);
  if (response !== undefined) send(response);
};

/** Forgets the acknowledgements of this type that are due on the first link, once told to. */
const forgetting = (type: number) => {
  const memory = { isForgetful: false };
  const answer: Answer = (packet, send) => {
    const acknowledged = acknowledgementOf(packet);
    if (memory.isForgetful && acknowledged?.type === type) return;
    answerAll(packet, send);
  };
  return { memory, answer };
};

/** A client of such a broker, online, and the states that it enters. */
const connectTo = async ({ url }: ScriptedBroker) => {
  const client = new MQTTClient({
    broker: url,
    protocolVersion: "3.1.1",
    timeoutMs: 1_000,
    reconnect: { minDelayMs: 1, maxDelayMs: 1 },
  });
  const states = new Arrivals<{ next: ClientState; cause: Error | undefined }>("states");
  client.on("state", (next, _previous, cause) => {
    states.add({ next, cause });
  });
  await client.connect();
  return { client, states };
};

const gains = { targetDeviceTag: "device", subsystem: "axuv", path: "gains" };

const publish =
  (qos: 1 | 2) =>
  (client: MQTTClient): Promise<unknown> =>
    client.publish("a", {}, { qos, timeoutMs: 10_000 });

const subscribe = (client: MQTTClient): Promise<unknown> =>
  client.subscribe("a", { timeoutMs: 10_000 });

const unsubscribe = (client: MQTTClient): Promise<unknown> => client.unsubscribe("b");

const NO_ACKNOWLEDGEMENT = "no acknowledgement of a message within 2000 ms";

describe.concurrent("a broker that forgets", () => {
  test.each([
    { what: "a PUBACK", type: PUBACK, why: NO_ACKNOWLEDGEMENT, call: publish(1) },
    { what: "a PUBREC", type: PUBREC, why: NO_ACKNOWLEDGEMENT, call: publish(2) },
    { what: "a PUBCOMP", type: PUBCOMP, why: NO_ACKNOWLEDGEMENT, call: publish(2) },
    { what: "a SUBACK", type: SUBACK, why: "no SUBACK within 2000 ms", call: subscribe },
    { what: "an UNSUBACK", type: UNSUBACK, why: "no UNSUBACK within 2000 ms", call: unsubscribe },
  ])("$what loses the link, and the client dials anew", async ({ type, why, call }) => {
    const { memory, answer } = forgetting(type);
    await using broker = await startScriptedBroker({ level: 4, answer });
    const { client, states } = await connectTo(broker);
    await client.subscribe("b");
    await client.request(gains);
    memory.isForgetful = true;
    const called = call(client).catch((error: unknown) => error);
    // Other calls are served meanwhile.
    expect(await client.request(gains)).toMatchObject({ body: 5 });
    await states.until(1, ({ next }) => next === "reconnecting");
    memory.isForgetful = false;
    await states.until(2, ({ next }) => next === "online");
    expect(states.all.find(({ next }) => next === "reconnecting")?.cause?.message).toContain(why);
    // QoS 2 must not be sent twice, and the subscription that is no longer wanted is gone with the link.
    await called;
    expect(await client.request(gains)).toMatchObject({ body: 5 });
    await client.disconnect();
  });

  test("nothing, but takes 900 ms for everything, serves a new device in 2.5 s", async () => {
    await using broker = await startScriptedBroker({
      level: 4,
      answer: (packet, send) => {
        systemClock.startTimer(() => {
          answerAll(packet, send);
        }, 900);
      },
    });
    const client = new MQTTClient({ broker: broker.url, protocolVersion: "3.1.1" });
    await client.connect();
    const response = await client.request({ ...gains, timeoutMs: 2_500 });
    expect(response.body).toBe(5);
    await client.disconnect();
  });

  test("the client altogether is found out by the first request that ends without an answer", async () => {
    const deafness = { isDeaf: false };
    await using broker = await startScriptedBroker({
      level: 4,
      answer: (packet, send) => {
        if (!deafness.isDeaf) answerAll(packet, send);
      },
      answersPings: () => !deafness.isDeaf,
    });
    const { client, states } = await connectTo(broker);
    await client.request(gains);
    deafness.isDeaf = true;
    const startedAt = performance.now();
    await expect(client.request({ ...gains, timeoutMs: 100 })).rejects.toBeInstanceOf(
      GatewayTimeoutResponse,
    );
    await states.until(1, ({ next }) => next === "reconnecting");
    expect(performance.now() - startedAt).toBeLessThan(PROBE_MS * 3);
    deafness.isDeaf = false;
    await states.until(2, ({ next }) => next === "online");
    expect(await client.request(gains)).toMatchObject({ body: 5 });
    await client.disconnect();
  });
});

describe("a response that lies in the socket counts, though the loop was blocked past the deadline,", () => {
  const body = v.number();
  const outgoing = new RequestHandlerBase({ direction: "outgoing", process: () => undefined });
  test.each<readonly [string, Partial<RequestOptions>, readonly MessageHandler[]]>([
    ["of a request alone", {}, []],
    ["with a schema", { schema: body }, []],
    ["with handlers of outgoing requests", {}, [outgoing]],
    ["with both", { schema: body }, [outgoing]],
  ])("%s", async (_which, options, handlers) => {
    await using broker = await startScriptedBroker({
      level: 4,
      answer: (packet, send) => {
        answerAll(packet, send);
        if (responseTo(packet) === undefined) return;
        const until = performance.now() + 300;
        while (performance.now() < until);
      },
    });
    const { client } = await connectTo(broker);
    for (const handler of handlers) client.addMessageHandler(handler);
    const answer = await client.request({ ...gains, ...options, timeoutMs: 200 });
    expect(answer).toMatchObject({ body: 5 });
    await client.disconnect();
  });
});

test("a broker that hangs up over the first subscriptions fails connect() as a failed connection", async () => {
  const hangUp: Answer = (packet) => {
    if (packet.type === SUBSCRIBE) broker.hangUp();
  };
  await using broker = await startScriptedBroker({ level: 4, answer: hangUp });
  await using client = new MQTTClient({
    broker: broker.url,
    protocolVersion: "3.1.1",
    timeoutMs: 1_000,
    reconnect: false,
  });
  await expect(client.connect()).rejects.toMatchObject({
    name: "ConnectionFailedError",
    cause: { name: "LinkLostError" },
  });
  expect(client.state).toBe("closed");
});
