import { describe, expect, test } from "vitest";
import { Arrivals } from "./arrivals.ts";
import type { ContractClient } from "./client-under-test.ts";
import { gains, responseTo, responseTopicOf, serve, serveEcho } from "./devices.ts";
import { Logbook } from "./logbook.ts";
import type { Stage } from "./stage.ts";

const ID = "16fd2706-8baf-433b-82eb-8c7fada847da";
const LARGE = 500_000;

type Bad = readonly (readonly [name: string, payload: string | Uint8Array])[];

const withHeader = (header: unknown): string => JSON.stringify({ header, body: 1, timestamp: 0 });

/** What no peer should send: neither a request that can be answered nor a response. */
const BAD: Bad = [
  ["nothing", ""],
  ["a text that is not JSON", "not JSON"],
  ["JSON that breaks off", '{"header": {"method": "GET"'],
  ["JSON with something after it", "{}{}"],
  ["bytes that are not UTF-8", Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d)],
  ["a text in UTF-16", new Uint8Array(Buffer.from('{"body": 1}', "utf16le"))],
  ["an array", "[]"],
  ["a number", "42"],
  ["a string", '"payload"'],
  ["null", "null"],
  ["true", "true"],
  ["a header that is null", withHeader(null)],
  ["a header that is an array", withHeader([])],
  ["a header that is a text", withHeader("GET")],
  ["a response with its code as a text", withHeader({ response_code: "205", request_id: ID })],
  ["a response with a fraction of a code", withHeader({ response_code: 205.5, request_id: ID })],
  ["a response without a code", withHeader({ response_code: null, request_id: ID })],
  ["a response without an id", withHeader({ response_code: 205 })],
  ["a response with a number for an id", withHeader({ response_code: 205, request_id: 7 })],
  ["a request without an id", withHeader({ method: "GET", path: "gains" })],
  ["a request with an empty id", withHeader({ method: "GET", path: "gains", request_id: "" })],
  ["a request with an object for an id", withHeader({ method: "GET", path: "a", request_id: {} })],
  ["500 KB of zeros", new Uint8Array(LARGE)],
  ["500 KB of no UTF-8", new Uint8Array(LARGE).fill(0xff)],
  ["500 KB of brackets", "[".repeat(LARGE)],
  ["500,000 nested arrays", "[".repeat(LARGE / 2) + "]".repeat(LARGE / 2)],
];

/** Requests that cannot be served, yet answered. */
const REFUSED: readonly (readonly [name: string, code: number, header: object])[] = [
  ["a method that is none", 405, { method: "PATCH", path: "gains" }],
  ["a method as digits in a text", 405, { method: "1", path: "gains" }],
  ["the method 5", 405, { method: 5, path: "gains" }],
  ["the method 0", 405, { method: 0, path: "gains" }],
  ["the method 1.5", 405, { method: 1.5, path: "gains" }],
  ["the method true", 405, { method: true, path: "gains" }],
  ["the method null", 405, { method: null, path: "gains" }],
  ["an object for a method", 405, { method: {}, path: "gains" }],
  ["a number for a path", 400, { method: "GET", path: 7 }],
  ["no path", 400, { method: "GET" }],
  ["the path null", 400, { method: "GET", path: null }],
  ["neither method nor path", 405, { method: null, path: [] }],
];

/** Odd requests that are served nevertheless: peers of all kinds send them. */
const ODD: readonly (readonly [name: string, payload: string])[] = [
  ["an id that is no UUID", withHeader({ method: "GET", path: "a", request_id: "42" })],
  ["further fields of every kind", withHeader({ method: "GET", path: "a", request_id: ID, x: [] })],
  ["a source that is no text", withHeader({ method: "GET", path: "a", request_id: ID, source: 7 })],
  ["no body and no timestamp", `{"header": {"method": 1, "path": "", "request_id": "${ID}"}}`],
  [
    "the key __proto__",
    `{"header": {"method": "get", "path": "a", "request_id": "1", "__proto__": {}}}`,
  ],
  ["a byte order mark", `\ufeff{"header": {"method": "GET", "path": "a", "request_id": "1"}}`],
  ["keys twice", `{"header": null, "header": {"method": "GET", "path": "a", "request_id": "1"}}`],
];

/** Messages that break the protocol: none of them may do harm. */
export const badMessageCases = (stage: Stage): void => {
  const requestTopic = (device: ContractClient): string =>
    `gf_int_v1/axuv/request/${device.identifier}/a1`;

  /** A device that echoes, a bare client, and the answers that it hears. */
  const deviceAndPeer = async (options: { logger?: Logbook } = {}) => {
    const device = await stage.client(options);
    serveEcho(stage, device);
    const peer = await stage.peer();
    const topic = requestTopic(device);
    const answers = await peer.listen(responseTopicOf(topic));
    const send = (payload: string | Uint8Array): void => peer.send({ topic, payload });
    return { device, answers, send };
  };

  const good = withHeader({ method: "GET", path: "gains", request_id: "good" });

  describe("a device", () => {
    test.each(BAD)("drops and counts %s, and serves the next request", async (_name, payload) => {
      const { device, answers, send } = await deviceAndPeer();
      send(payload);
      send(good);
      expect(JSON.parse((await answers.next()).text).header.request_id).toBe("good");
      const { invalidMessages, requestsReceived, handlerErrors } = device.statistics;
      expect([invalidMessages, requestsReceived, handlerErrors]).toEqual([1, 1, 0]);
    });

    test("logs what it drops, without its content", async () => {
      const logger = new Logbook();
      const { answers, send } = await deviceAndPeer({ logger });
      send('["the key is 4711"]');
      send(good);
      await answers.next();
      const warnings = logger.entries.all.filter(({ level }) => level === "warn");
      expect(warnings).toHaveLength(1);
      expect(JSON.stringify(warnings)).not.toContain("4711");
    });

    test.each(REFUSED)("refuses and counts a request with %s: %j", async (_name, code, header) => {
      const { device, answers, send } = await deviceAndPeer();
      send(withHeader({ ...header, request_id: "r1", correlation_id: "c1" }));
      send(good);
      const [refusal, served] = (await answers.take(2)).map(({ text }) => JSON.parse(text));
      expect(refusal).toEqual({
        header: {
          response_code: code,
          request_id: "r1",
          path: Reflect.get(header, "path") === "gains" ? "gains" : "",
          correlation_id: "c1",
          source: device.identifier,
        },
        body: expect.stringMatching(/header\.(?:method|path)/),
        timestamp: expect.any(Number),
      });
      expect(served.header.request_id).toBe("good");
      const { invalidMessages, requestsReceived } = device.statistics;
      expect([invalidMessages, requestsReceived]).toEqual([1, 1]);
    });

    test.each(ODD)("serves a request with %s", async (_name, payload) => {
      const { device, answers, send } = await deviceAndPeer();
      send(payload);
      expect(JSON.parse((await answers.next()).text).header.response_code).toBe(205);
      expect(device.statistics.invalidMessages).toBe(0);
    });

    test.each([
      ["sent back", 500, 500],
      ["read", 50_000, 400],
    ])("that was sent a body nested too deeply to be %s goes on", async (_what, levels, code) => {
      const { answers, send } = await deviceAndPeer();
      const deep = "[".repeat(levels) + "]".repeat(levels);
      const header = '{"method": "PUT", "path": "gains", "request_id": "deep"}';
      send(`{"header": ${header}, "body": ${deep}, "timestamp": 0}`);
      send(good);
      const headers = (await answers.take(2)).map(({ text }) => JSON.parse(text).header);
      const codes = headers.map(({ request_id: id, response_code }) => [id, response_code]);
      expect(Object.fromEntries(codes)).toEqual({ deep: code, good: 205 });
    });
  });

  describe("a client without handlers", () => {
    test("does not answer requests that break the protocol: it serves none", async () => {
      const logger = new Logbook();
      const client = await stage.client({ logger });
      const peer = await stage.peer();
      const topic = requestTopic(client);
      const answers = await peer.listen(responseTopicOf(topic));
      peer.send({ topic, payload: withHeader({ method: "PATCH", path: "a", request_id: "1" }) });
      await logger.entries.next(({ level }) => level === "warn");
      serveEcho(stage, client);
      peer.send({ topic, payload: good });
      expect(JSON.parse((await answers.next()).text).header.request_id).toBe("good");
    });
  });

  describe("a requester", () => {
    test("drops and counts all of it in place of an answer, and takes the answer", async () => {
      const { requester, device } = await stage.pair();
      const peer = await stage.peer();
      device.addMessageHandler(
        new stage.handlers.RequestHandlerBase({
          process: (_client, topic, request) => {
            const answers = responseTopicOf(topic);
            for (const [, payload] of BAD) peer.send({ topic: answers, payload });
            const right = JSON.stringify(responseTo(request, { body: 1 }));
            peer.send({ topic: answers, payload: right });
          },
        }),
      );
      expect((await requester.request(gains(device))).body).toBe(1);
      expect(requester.statistics).toMatchObject({
        invalidMessages: BAD.length,
        responsesReceived: 1,
      });
    });

    test.each([
      ["without a body and a timestamp", { body: undefined, timestamp: undefined }],
      ["with a timestamp of any kind", { timestamp: [] }],
      ["with a path of any kind", { path: 7 }],
      ["with ids of any kind", { correlation_id: 7, source: {} }],
    ])("takes an answer %s", async (_name, { path, correlation_id, source, ...rest }: Odd) => {
      const { requester, device } = await stage.pair();
      const peer = await stage.peer();
      device.addMessageHandler(
        new stage.handlers.RequestHandlerBase({
          process: (_client, topic, request) => {
            const { header, ...usual } = responseTo(request, { body: 1 });
            const odd = { header: { ...header, path, correlation_id, source }, ...usual, ...rest };
            peer.send({ topic: responseTopicOf(topic), payload: JSON.stringify(odd) });
          },
        }),
      );
      const response = await requester.request(gains(device));
      expect(response.header.response_code).toBe(205);
    });
  });

  describe("whoever listens", () => {
    test("to general messages is shown none of it, and gets the next one", async () => {
      const client = await stage.client();
      const topic = `gf_int_v1/axuv/event/${client.identifier}`;
      await client.subscribe(`${topic}/#`);
      const bodies = new Arrivals<unknown>("a message");
      client.addMessageHandler(
        new stage.handlers.MessageHandlerBase({
          process: (_client, _topic, { body }) => bodies.push(body),
        }),
      );
      const peer = await stage.peer();
      for (const [, payload] of BAD) peer.send({ topic: `${topic}/a`, payload });
      peer.send({ topic: `${topic}/b`, payload: '{"body": "good"}' });
      expect(await bodies.next()).toBe("good");
      expect(client.statistics.invalidMessages).toBe(BAD.length);
    });

    test.each(["a", "gf_int_v1/axuv/request", "gf_int_v1/axuv/other/x/y", "/", "a/b/c/d/e/f/g"])(
      "gets requests on odd topics (%j), and answers for no failure there",
      async (last) => {
        const place = stage.identifier("place");
        const client = await stage.client();
        await client.subscribe(`${place}/#`);
        const seen = new Arrivals<string>("a request");
        serve(stage, client, (_request, topic) => {
          seen.push(topic);
          throw new Error("mine");
        });
        const peer = await stage.peer();
        const heard = await peer.listen(`${place}/#`);
        for (const topic of [`${place}/${last}`, `${place}/the/end`]) {
          peer.send({ topic, payload: good });
        }
        expect(await seen.take(2)).toEqual([`${place}/${last}`, `${place}/the/end`]);
        await client.publish(`${place}/after`, { body: 1 });
        await heard.next(({ topic }) => topic === `${place}/after`);
        expect(heard.all).toHaveLength(3);
      },
    );
  });
};

interface Odd {
  readonly [field: string]: unknown;
}
