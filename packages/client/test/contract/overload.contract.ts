import { describe, expect, test } from "vitest";
import { RequestEntityTooLargeResponse, ServiceUnavailableResponse } from "../../src/index.ts";
import { Arrivals } from "./arrivals.ts";
import type { Peer } from "./brokers/broker-kind.ts";
import type { Heard } from "./brokers/hearing.ts";
import { andThen, rejectionOf } from "./client-under-test.ts";
import type { ContractClient, ContractOptions } from "./client-under-test.ts";
import { answer, gains, responseTopicOf, serveEcho } from "./devices.ts";
import { testConcurrency, testSeveralClients } from "./needs.ts";
import { Gate } from "./patience.ts";
import type { Stage } from "./stage.ts";

interface Scene {
  readonly device: ContractClient;
  readonly peer: Peer;
  /** The paths of the requests whose handler has begun. */
  readonly started: Arrivals<string>;
  readonly answers: Arrivals<Heard>;
  /** Sends requests, one for each path, in this order. */
  readonly ask: (...paths: readonly string[]) => void;
  /** Lets the handler of the request for this path finish. */
  readonly finish: (path: string) => void;
}

/** More than a client is willing to take. */
export const overloadCases = (stage: Stage): void => {
  /** A device whose handlers take until they are told to finish. */
  const busyDevice = async (options: ContractOptions): Promise<Scene> => {
    const device = await stage.client(options);
    const started = new Arrivals<string>("a handler that begins");
    const gates = new Map<string, Gate>();
    device.addMessageHandler(
      new stage.handlers.RequestHandlerBase({
        process: async (client, topic, request) => {
          const { path } = request.header;
          const gate = new Gate(`the end of the handler for ${path}`);
          gates.set(path, gate);
          started.push(path);
          await gate.passed();
          await answer(client, { topic, request });
        },
      }),
    );
    const peer = await stage.peer();
    const topic = `gf_int_v1/axuv/request/${device.identifier}/a`;
    const answers = await peer.listen(responseTopicOf(topic));
    const ask = (...paths: readonly string[]): void => {
      for (const path of paths) {
        const header = { method: "GET", path, request_id: path };
        peer.send({ topic, payload: JSON.stringify({ header, body: null, timestamp: 0 }) });
      }
    };
    const finish = (path: string): void => gates.get(path)?.open();
    return { device, peer, started, answers, ask, finish };
  };

  const read = ({ text }: Heard): readonly [id: string, code: number] => {
    const { header } = JSON.parse(text);
    return [header.request_id, header.response_code];
  };

  describe("maxConcurrentRequests", () => {
    testConcurrency(stage)("bounds what is handled at once; the rest waits in order", async () => {
      const limits = { maxConcurrentRequests: 2, maxQueuedRequests: 3 };
      const { started, answers, ask, finish } = await busyDevice(limits);
      ask("a", "b", "c", "d", "e", "one too many");
      // It is the last one, so all the others have arrived by now.
      expect(read(await answers.next())).toEqual(["one too many", 503]);
      expect(await started.take(2)).toEqual(["a", "b"]);
      for (const [ends, begins] of [
        ["b", "c"],
        ["a", "d"],
        ["d", "e"],
      ] as const) {
        finish(ends);
        expect(read(await answers.next())).toEqual([ends, 205]);
        expect(await started.next()).toBe(begins);
      }
      expect(started.all).toEqual(["a", "b", "c", "d", "e"]);
      for (const path of ["c", "e"]) finish(path);
      await answers.take(2);
    });

    testConcurrency(stage)("of one handles one after another", async () => {
      const { started, answers, ask, finish } = await busyDevice({ maxConcurrentRequests: 1 });
      ask("a", "b", "c");
      for (const path of ["a", "b", "c"]) {
        expect(await started.next()).toBe(path);
        finish(path);
        expect(read(await answers.next())).toEqual([path, 205]);
      }
    });

    testSeveralClients(stage)("never holds up the responses that handlers wait for", async () => {
      const gateway = await stage.client({ maxConcurrentRequests: 2 });
      const [requester, sensor] = [await stage.client(), await stage.client()];
      serveEcho(stage, sensor);
      gateway.addMessageHandler(
        new stage.handlers.RequestHandlerBase({
          process: (client, topic, request) =>
            andThen(client.request({ ...gains(sensor), body: request.body }), ({ body }) =>
              answer(client, { topic, request }, { body }),
            ),
        }),
      );
      const bodies = Array.from({ length: 30 }, (_, body) => body);
      const responses = await stage.concurrently(
        bodies.map((body) => () => requester.request({ ...gains(gateway), body })),
      );
      expect(responses.map(({ body }) => body)).toEqual(bodies);
    });
  });

  describe("maxQueuedRequests", () => {
    testConcurrency(stage)("has what comes on top answered 503 at once, and counted", async () => {
      const limits = { maxConcurrentRequests: 1, maxQueuedRequests: 1 };
      const { device, answers, ask } = await busyDevice(limits);
      const requester = await stage.client();
      ask("runs", "waits", "too many");
      expect(read(await answers.next())).toEqual(["too many", 503]);
      const error = await rejectionOf(() => requester.request(gains(device)));
      expect(error).toBeInstanceOf(ServiceUnavailableResponse);
      expect(error).toMatchObject({ detail: "too many requests wait; try again later" });
      expect(device.statistics).toMatchObject({ overloaded: 2, requestsReceived: 2 });
    });

    testConcurrency(stage)("of none lets no request wait", async () => {
      const limits = { maxConcurrentRequests: 1, maxQueuedRequests: 0 };
      const { answers, ask, finish } = await busyDevice(limits);
      ask("runs", "too many");
      expect(read(await answers.next())).toEqual(["too many", 503]);
      finish("runs");
      expect(read(await answers.next())).toEqual(["runs", 205]);
    });

    testConcurrency(stage)(
      "bounds general messages likewise: what comes on top is dropped",
      async () => {
        const limits = { maxConcurrentRequests: 1, maxQueuedRequests: 1 };
        const client = await stage.client(limits);
        const place = stage.identifier("place");
        await client.subscribe(`${place}/#`);
        const bodies = new Arrivals<unknown>("a message");
        const gate = new Gate("the end of the first message");
        client.addMessageHandler(
          new stage.handlers.MessageHandlerBase({
            canHandle: (_client, topic) => topic.startsWith(place),
            process: async (_client, _topic, { body }) => {
              bodies.push(body);
              await gate.passed();
            },
          }),
        );
        const peer = await stage.peer();
        for (const body of [1, 2, 3])
          peer.send({ topic: `${place}/a`, payload: `{"body": ${body}}` });
        serveEcho(stage, client);
        // Sent by the same peer after the others, so it arrives after them; one bound counts for both.
        const topic = `gf_int_v1/axuv/request/${client.identifier}/a`;
        const answers = await peer.listen(responseTopicOf(topic));
        const header = { method: "GET", path: "gains", request_id: "1" };
        peer.send({ topic, payload: JSON.stringify({ header }) });
        const { text } = await answers.next();
        expect(JSON.parse(text)).toMatchObject({ header: { response_code: 503 } });
        expect(bodies.all).toEqual([1]);
        expect(client.statistics.overloaded).toBe(2);
        gate.open();
        expect(await bodies.take(2)).toEqual([1, 2]);
      },
    );
  });

  describe("disconnect() of a busy device", () => {
    testConcurrency(stage)("drops what waits, and does not wait for what runs", async () => {
      const limits = { maxConcurrentRequests: 1, maxQueuedRequests: 1 };
      const { device, started, answers, ask, finish } = await busyDevice(limits);
      ask("a", "b", "c");
      expect(read(await answers.next())).toEqual(["c", 503]);
      await device.disconnect();
      await device.connect();
      ask("d");
      finish("a");
      await started.next((path) => path !== "a");
      finish("d");
      await answers.next((answered) => read(answered)[0] === "d");
      expect(started.all).toEqual(["a", "d"]);
    });
  });

  describe("maxPayloadBytes", () => {
    test("has larger requests answered 413, and counted, and no handler sees them", async () => {
      const { requester, device } = await stage.pair({ device: { maxPayloadBytes: 1_000 } });
      const bodies: unknown[] = [];
      device.addMessageHandler(
        new stage.handlers.RequestHandlerBase({
          process: (client, topic, request) => {
            bodies.push(request.body);
            return answer(client, { topic, request });
          },
        }),
      );
      const body = "x".repeat(1_000);
      const error = await rejectionOf(() => requester.request({ ...gains(device), body }));
      expect(error).toBeInstanceOf(RequestEntityTooLargeResponse);
      expect(error).toMatchObject({ detail: expect.stringMatching(/bytes; at most 1000/) });
      await requester.request({ ...gains(device), body: "small" });
      expect(bodies).toEqual(["small"]);
      expect(device.statistics).toMatchObject({ oversizedRequests: 1, requestsReceived: 1 });
    });

    test("counts the bytes of the whole message, and takes as many as it says", async () => {
      const device = await stage.client({ maxPayloadBytes: 200 });
      serveEcho(stage, device);
      const peer = await stage.peer();
      const topic = `gf_int_v1/axuv/request/${device.identifier}/a`;
      const answers = await peer.listen(responseTopicOf(topic));
      const withBytes = (count: number, id: string): string => {
        const header = { method: "GET", path: "ü", request_id: id };
        const text = JSON.stringify({ header, body: "" });
        return text.replace('""', `"${"x".repeat(count - Buffer.byteLength(text))}"`);
      };
      peer.send({ topic, payload: withBytes(200, "fits") });
      peer.send({ topic, payload: withBytes(201, "does not") });
      const codes = Object.fromEntries((await answers.take(2)).map(read));
      expect(codes).toEqual({ fits: 205, "does not": 413 });
    });

    test("bounds no responses", async () => {
      const { requester, device } = await stage.pair({ requester: { maxPayloadBytes: 1_000 } });
      const body = "x".repeat(2_000);
      device.addMessageHandler(
        new stage.handlers.RequestHandlerBase({
          process: (client, topic, request) => answer(client, { topic, request }, { body }),
        }),
      );
      expect((await requester.request(gains(device))).body).toBe(body);
    });
  });
};
