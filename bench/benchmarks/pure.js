// @ts-check
// The library's own steps, without any I/O: where the processor time of a request goes.
import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { PayloadHandler, RequestHandlerBase, TopicManager } from "gf-mqtt-client";
import { Bench } from "tinybench";
import { significant, whole } from "../figures.js";
import {
  PacketFrames,
  PublishEncoder,
  decodeJson,
  decodePublish,
  encodeJson,
  readArriving,
  runAsync,
  walkChain,
} from "../internals.js";
import { bodyOf } from "../sides/payload.js";

/** @typedef {import("../table.js").Table} Table */
/** @typedef {import("./all.js").Setting} Setting */

/** @typedef {{ name: string, medianNs: number, p75Ns: number, p99Ns: number }} StepResult Time of one call. */

/** Calls in one sample: a clock that ticks in tens of nanoseconds cannot time a single one. */
const CALLS = 100;

const payloads = new PayloadHandler();
const topics = new TopicManager();
const requestId = randomUUID();
const body = bodyOf(200);
const request = payloads.createRequestPayload("GET", "gains", requestId, { body, source: "a" });
const text = JSON.stringify(request);
const bytes = new TextEncoder().encode(text);
const topic = topics.buildRequestTopic("2D_XX_0_9999", "axuv", requestId);

/**
 * @typedef {object} MqttPacket The encoder and the parser that MQTT.js brings along.
 * @property {(packet: object, options: object) => Uint8Array} generate
 * @property {(options: object) => { parse: (bytes: Uint8Array) => number }} parser
 */

/** @type {MqttPacket} */
const mqttPacket = createRequire(import.meta.resolve("mqtt"))("mqtt-packet");
const properties = {
  messageExpiryInterval: 5,
  responseTopic: topics.buildResponseTopic(topic),
  correlationData: requestId,
};
const message = {
  topic,
  payload: text,
  qos: /** @type {const} */ (0),
  retain: false,
  expiryMs: 5_000,
  responseTopic: properties.responseTopic,
  correlationData: requestId,
};
const packet = { cmd: "publish", topic, payload: text, qos: 0, retain: false, dup: false };
const encoder = new PublishEncoder(5);
const encoder311 = new PublishEncoder(4);
// Copies: the encoder's own bytes lie among those of other packets.
const encoded = Uint8Array.from(encoder.encode(message));
const encoded311 = Uint8Array.from(encoder311.encode(message));
const frames = new PacketFrames();

/** What the library does with bytes from a socket. @param {Uint8Array} received @param {4 | 5} level */
const decode = (received, level) => {
  frames.add(received);
  const frame = frames.next();
  if (frame === undefined) throw new Error("not one whole packet");
  return decodePublish(frame, level);
};

const parser = mqttPacket.parser({ protocolVersion: 5 });
const parser311 = mqttPacket.parser({ protocolVersion: 4 });

/** @type {readonly (readonly [name: string, call: () => unknown])[]} */
const STEPS = [
  [
    "request payload made and checked",
    () => payloads.createRequestPayload("GET", "gains", requestId, { body, source: "a" }),
  ],
  ["request payload checked", () => payloads.validatePayload(request)],
  ["payload encoded, with its check", () => encodeJson(request, "request payload")],
  ["  JSON.stringify alone", () => JSON.stringify(request)],
  ["payload parsed and checked (parsePayload)", () => payloads.parsePayload(bytes)],
  ["payload read as it arrives", () => readArriving(decodeJson(bytes))],
  ["  JSON.parse alone", () => JSON.parse(text)],
  ["request topic built", () => topics.buildRequestTopic("2D_XX_0_9999", "axuv", requestId)],
  ["response topic built from it", () => topics.buildResponseTopic(topic)],
  ["topic parsed", () => topics.getParts(topic)],
  ["publish packet encoded, MQTT 3.1.1", () => encoder311.encode(message)],
  ["  by mqtt-packet, 3.1.1", () => mqttPacket.generate(packet, { protocolVersion: 4 })],
  ["publish packet encoded, MQTT 5", () => encoder.encode(message)],
  [
    "  by mqtt-packet, 5",
    () =>
      mqttPacket.generate(
        { ...packet, properties: { ...properties, correlationData: Buffer.from(requestId) } },
        { protocolVersion: 5 },
      ),
  ],
  ["publish packet decoded, MQTT 3.1.1", () => decode(encoded311, 4)],
  ["  parsed by mqtt-packet, 3.1.1", () => parser311.parse(encoded311)],
  ["publish packet decoded, MQTT 5", () => decode(encoded, 5)],
  ["  parsed by mqtt-packet, 5", () => parser.parse(encoded)],
];

const onError = () => undefined;

/** @param {number} handlers @returns {() => Promise<unknown>} */
const chainOf = (handlers) => {
  const handler = new RequestHandlerBase({ process: () => undefined });
  const chain = Array.from({ length: handlers }, () => handler);
  const client = /** @type {any} */ (undefined);
  return () => runAsync(walkChain(chain, { client, topic, payload: request, onError }));
};

/** @param {number} sampleMs */
const perCall = (sampleMs) => (sampleMs * 1_000_000) / CALLS;

/** What is made must be used somewhere, or the compiler leaves it out. @type {unknown} */
let sink;

/** @param {Setting} setting @returns {Promise<readonly StepResult[]>} */
export const measurePure = async ({ quick, note }) => {
  note("pure");
  const bench = new Bench(quick ? { time: 20, warmupTime: 10 } : { time: 1_000, warmupTime: 250 });
  for (const [name, call] of STEPS) {
    bench.add(name, () => {
      for (let left = CALLS; left > 0; left -= 1) sink = call();
    });
  }
  for (const handlers of [0, 1, 10]) {
    const run = chainOf(handlers);
    bench.add(`chain of ${handlers} handlers`, async () => {
      for (let left = CALLS; left > 0; left -= 1) sink = await run();
    });
  }
  await bench.run();
  return bench.tasks.map(({ name, result }) => {
    if (!("latency" in result)) throw new Error(`${name}: ${result.state}`, { cause: sink });
    const { p50, p75, p99 } = result.latency;
    return { name, medianNs: perCall(p50), p75Ns: perCall(p75), p99Ns: perCall(p99) };
  });
};

/** @param {readonly StepResult[]} results @returns {readonly Table[]} */
export const pureTables = (results) => [
  {
    title: `pure: time of one call in ns, with a payload of ${bytes.length} B`,
    columns: ["", "median", "75 %", "99 %", "per second"],
    rows: results.map(({ name, medianNs, p75Ns, p99Ns }) => [
      name,
      significant(medianNs),
      significant(p75Ns),
      significant(p99Ns),
      whole(1e9 / medianNs),
    ]),
  },
];
