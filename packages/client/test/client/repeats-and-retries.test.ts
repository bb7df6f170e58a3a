import { describe, expect, test } from "vitest";
import {
  MQTTClient,
  NotFoundResponse,
  PayloadHandler,
  RequestHandlerBase,
  ResourceRouter,
} from "../../src/index.ts";
import type { DialRequest, IncomingMessage, MessageHandler, Transport } from "../../src/index.ts";
import { MemoryBroker } from "../../src/testing.ts";

const IN_FLIGHT = 128;

/** A transport that hands on each message as often as `times` says. */
const delivering = (
  { dial }: Transport,
  times: (message: IncomingMessage) => readonly IncomingMessage[],
): Transport => ({
  dial: (request: DialRequest) =>
    dial({
      ...request,
      onMessage: (message) => {
        for (const copy of times(message)) request.onMessage(copy);
      },
    }),
});

/** Counts its calls per request, and answers in its own way. */
type Device = (count: (requestId: string) => number) => MessageHandler;

const payloads = new PayloadHandler();

/** How a device answers, and how many requests it gets. */
const devices: readonly (readonly [string, number, Device])[] = [
  [
    "respond()",
    2_000,
    (count) =>
      new RequestHandlerBase({
        process: (client, topic, request) =>
          client.respond(topic, request, { body: count(request.header.request_id) }),
      }),
  ],
  [
    "publish()",
    2_000,
    (count) =>
      new RequestHandlerBase({
        process: (client, topic, { header }) =>
          client.publish(
            topic.replace("/request/", "/response/"),
            payloads.createResponsePayload(
              205,
              header.path,
              header.request_id,
              count(header.request_id),
            ),
          ),
      }),
  ],
  [
    "an error that it throws",
    2_000,
    (count) =>
      new RequestHandlerBase({
        process: (_client, _topic, { header }) => {
          throw new NotFoundResponse(count(header.request_id));
        },
      }),
  ],
  [
    "a router",
    10_000,
    (count) =>
      new ResourceRouter().post("gains", async ({ requestId }) => {
        await Promise.resolve();
        return count(requestId);
      }),
  ],
];

describe("with requests delivered twice and every third answer lost", () => {
  test.each(devices)(
    "every POST runs once and gets the answer of that run, from a device that answers with %s: %i requests",
    async (_how, requests, createHandler) => {
      const { connection } = new MemoryBroker();
      const { transport: memory } = connection;
      let arrived = 0;
      const redelivering = delivering(memory, (message) => {
        arrived += 1;
        return arrived % 2 === 0 ? [message] : [message, { ...message, duplicate: true }];
      });
      let answers = 0;
      const lossy = delivering(memory, (message) => {
        answers += 1;
        return answers % 3 === 0 ? [] : [message];
      });
      const { broker } = connection;
      const device = new MQTTClient({
        broker,
        transport: redelivering,
        identifier: "d",
        maxConcurrentRequests: IN_FLIGHT,
        repeats: { maxAnswers: 2 * requests },
      });
      await using requester = new MQTTClient({ broker, transport: lossy });
      const runs = new Map<string, number>();
      let total = 0;
      device.addMessageHandler(
        createHandler((requestId) => {
          runs.set(requestId, (runs.get(requestId) ?? 0) + 1);
          total += 1;
          return total;
        }),
      );
      await Promise.all([device.connect(), requester.connect()]);
      const axuv = requester.device("d", "axuv");
      const retry = { attempts: 50, minDelayMs: 10, maxDelayMs: 50 };
      const seen = new Set<unknown>();
      let sent = 0;
      const ask = async (): Promise<void> => {
        while (sent < requests) {
          sent += 1;
          const answer = await axuv
            .post("gains", null, { retry, timeoutMs: 15_000 })
            .then(({ body }) => body)
            .catch((error: unknown) =>
              error instanceof NotFoundResponse ? error.detail : Promise.reject(error),
            );
          seen.add(answer);
        }
      };
      await Promise.all(Array.from({ length: IN_FLIGHT }, ask));
      expect(runs.size).toBe(requests);
      expect([...runs.values()].filter((times) => times !== 1)).toEqual([]);
      // Every run counts on by one, so that no two answers are the same.
      expect(seen.size).toBe(requests);
      expect(device.statistics.duplicateRequests).toBeGreaterThan(requests / 2);
      await device.disconnect();
    },
  );
});
