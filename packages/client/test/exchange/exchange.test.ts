import { describe, expect, test } from "vitest";
import type { Call } from "../../src/exchange/request-in-flight.ts";
import {
  ClientClosedError,
  LinkLostError,
  NotConnectedError,
  PublishRefusedError,
  SubscriptionRefusedError,
} from "../../src/errors/connection-errors.ts";
import { PayloadValidationError, TopicError } from "../../src/errors/input-errors.ts";
import { ServiceUnavailableResponse } from "../../src/errors/error-responses.ts";
import { outcomeOf } from "../connection/connection-scene.ts";
import { promisesSettled } from "../runtime/manual-clock.ts";
import { unhandledDuring } from "../runtime/unhandled-rejections.ts";
import type { ExchangeScene } from "./exchange-scene.ts";
import { TOO_LATE, callWith, exchangeScene, response, within } from "./exchange-scene.ts";

const BROKER = "mqtt://broker.example.com:1883";
const MAILBOX_TOPIC = "gf_int_v1/axuv/response/device/box";
const EXTRA_TOPIC = "gf_int_v1/axuv/response/device/id-1";
const STOPPED = new Error("stopped");

/** Sends a request, and gives what comes of it. */
const send = ({ exchange, clock }: ExchangeScene, more: Partial<Call> = {}) =>
  outcomeOf(Promise.resolve().then(() => exchange.send(callWith(within(clock), more))));

/** Lets the response arrive, as the inbox does. */
const answer = (
  { exchange }: ExchangeScene,
  topic = MAILBOX_TOPIC,
  requestId = "id-1",
): unknown => {
  const claimed = exchange.claim(requestId, topic);
  if (typeof claimed === "object") claimed.succeed(response(requestId));
  return claimed;
};

describe("a request", () => {
  test("is published on the device's topic, and settled by its response", async () => {
    const scene = exchangeScene();
    const outcome = send(scene);
    await promisesSettled();
    expect(outcome).toEqual({});
    expect(scene.exchange.size).toBe(1);
    expect(scene.connection.sent).toEqual([
      {
        topic: "gf_int_v1/axuv/request/device/box",
        payload: '{"body":null}',
        qos: 0,
        retain: false,
        expires: true,
        responseTopic: MAILBOX_TOPIC,
        correlationData: "id-1",
      },
    ]);
    answer(scene);
    await promisesSettled();
    expect(outcome).toEqual({ value: response() });
    expect(scene.exchange.size).toBe(0);
    expect(scene.counters).toEqual({ requestsSent: 1, requestsUnanswered: 0 });
  });

  test("expires with its deadline, however long it was prepared", async () => {
    const scene = exchangeScene();
    const call = callWith(within(scene.clock));
    await scene.clock.advance(400);
    outcomeOf(scene.exchange.send(call));
    expect(scene.connection.sent).toMatchObject([{ expires: true }]);
    expect(scene.connection.remainingMs).toEqual([600]);
  });

  test("without a response ends at its deadline, and is counted", async () => {
    const scene = exchangeScene();
    const outcome = send(scene);
    await scene.clock.advance(1_000);
    expect(outcome).toEqual({ error: TOO_LATE });
    expect(scene.counters).toEqual({ requestsSent: 1, requestsUnanswered: 1 });
    expect(answer(scene)).toBe("late");
  });

  test("ends with its signal", async () => {
    const scene = exchangeScene();
    const controller = new AbortController();
    const outcome = send(scene, { deadline: within(scene.clock, { signal: controller.signal }) });
    await promisesSettled();
    controller.abort(STOPPED);
    await promisesSettled();
    expect(outcome).toEqual({ error: STOPPED });
    expect(scene.clock.timerCount).toBe(0);
  });

  test("past its deadline is not sent, and not counted", async () => {
    const scene = exchangeScene();
    const deadline = within(scene.clock, { signal: AbortSignal.abort(STOPPED) });
    const outcome = send(scene, { deadline });
    await promisesSettled();
    expect(outcome).toEqual({ error: STOPPED });
    expect(scene.connection.log).toEqual([]);
    expect(scene.counters.requestsSent).toBe(0);
  });

  test("to no proper address is not sent", async () => {
    const scene = exchangeScene();
    const outcome = send(scene, { target: "a/b" });
    await promisesSettled();
    expect(outcome.error).toBeInstanceOf(TopicError);
    expect(scene.connection.log).toEqual([]);
  });

  test("with an id that is in flight is refused, and leaves the other one alone", async () => {
    const scene = exchangeScene();
    const first = send(scene);
    await promisesSettled();
    const second = send(scene, { payload: '{"body":2}' });
    await promisesSettled();
    expect(second.error).toBeInstanceOf(PayloadValidationError);
    expect(scene.connection.sent).toHaveLength(1);
    answer(scene);
    await promisesSettled();
    expect(first).toEqual({ value: response() });
  });

  test("and many others are settled each by its own response, in any order", async () => {
    const scene = exchangeScene();
    const ids = Array.from({ length: 100 }, (_, number) => `id-${String(number)}`);
    const outcomes = ids.map((requestId) => send(scene, { requestId }));
    await promisesSettled();
    for (const id of ids.toReversed()) answer(scene, MAILBOX_TOPIC, id);
    await promisesSettled();
    expect(outcomes).toEqual(ids.map((id) => ({ value: response(id) })));
  });
});

describe("a response", () => {
  test("to a request that was answered is a duplicate", async () => {
    const scene = exchangeScene();
    send(scene);
    await promisesSettled();
    answer(scene);
    expect(answer(scene)).toBe("duplicate");
  });

  test.each([
    "gf_int_v1/axuv/response/other/box",
    "gf_int_v1/other/response/device/box",
    "other/axuv/response/device/box",
    "gf_int_v1/axuv/request/device/box",
    "events",
  ])("on %s is unsolicited, and settles nothing", async (topic) => {
    const scene = exchangeScene();
    const outcome = send(scene);
    await promisesSettled();
    expect(answer(scene, topic)).toBe("unsolicited");
    await promisesSettled();
    expect(outcome).toEqual({});
  });
});

describe("a request to a device that is not known yet", () => {
  test("subscribes to its own topic first, and lets go of it with the response", async () => {
    const scene = exchangeScene("auto");
    const consent: { give?: () => void } = {};
    scene.connection.onSubscribe = () =>
      new Promise((resolve) => {
        consent.give = resolve;
      });
    send(scene, { qos: 1 });
    await promisesSettled();
    expect(scene.connection.log).toEqual([`subscribe ${EXTRA_TOPIC}@1`]);
    consent.give?.();
    await promisesSettled();
    expect(scene.connection.log.slice(1)).toEqual(["publish gf_int_v1/axuv/request/device/box"]);
    answer(scene);
    await promisesSettled();
    expect(scene.connection.log.slice(2)).toEqual([`release ${EXTRA_TOPIC}`]);
  });

  test("lets go of its topic at the deadline too", async () => {
    const scene = exchangeScene("auto");
    send(scene);
    await scene.clock.advance(1_000);
    expect(scene.connection.log.at(-1)).toBe(`release ${EXTRA_TOPIC}`);
  });

  test("takes the response on either topic, and learns from it", async () => {
    for (const topic of [MAILBOX_TOPIC, EXTRA_TOPIC]) {
      const scene = exchangeScene("auto");
      const outcome = send(scene);
      await promisesSettled();
      answer(scene, topic);
      await promisesSettled();
      expect(outcome).toEqual({ value: response() });
      const { extraTopic } = scene.routing.plan({ subsystem: "axuv", target: "device" }, "id-2");
      expect(extraTopic === undefined).toBe(topic === MAILBOX_TOPIC);
    }
  });

  test("goes on without its topic where the broker refuses that, and says so in the log", async () => {
    const scene = exchangeScene("auto");
    const refusal = new SubscriptionRefusedError(EXTRA_TOPIC, { broker: BROKER, reasonCode: 135 });
    scene.connection.onSubscribe = () => Promise.reject(refusal);
    const outcome = send(scene);
    await promisesSettled();
    answer(scene);
    await promisesSettled();
    expect(outcome).toEqual({ value: response() });
    expect(scene.connection.log.some((entry) => entry.startsWith("release"))).toBe(false);
    expect(scene.logged.filter(({ level }) => level !== "debug")).toMatchObject([
      { level: "info", fields: { filter: EXTRA_TOPIC } },
    ]);
  });

  test("fails where its topic is the only way and the broker refuses it", async () => {
    const scene = exchangeScene("per-request");
    const refusal = new SubscriptionRefusedError(EXTRA_TOPIC, { broker: BROKER, reasonCode: 135 });
    scene.connection.onSubscribe = () => Promise.reject(refusal);
    const outcome = send(scene);
    await promisesSettled();
    expect(outcome).toEqual({ error: refusal });
    expect(scene.connection.sent).toEqual([]);
    expect(scene.counters).toEqual({ requestsSent: 0, requestsUnanswered: 0 });
  });

  test("fails with whatever else ends the subscribing", async () => {
    const scene = exchangeScene("auto");
    scene.connection.onSubscribe = () => Promise.reject(STOPPED);
    const outcome = send(scene);
    await promisesSettled();
    expect(outcome).toEqual({ error: STOPPED });
    expect(scene.connection.sent).toEqual([]);
  });
});

describe("a request while the link is away", () => {
  test("waits for it, and is then sent", async () => {
    const scene = exchangeScene();
    const ready: { give?: () => void } = {};
    scene.connection.isOnline = false;
    scene.connection.onReady = () =>
      new Promise((resolve) => {
        ready.give = resolve;
      });
    const outcome = send(scene);
    await promisesSettled();
    expect(scene.connection.log).toEqual(["ready to send a request"]);
    scene.connection.isOnline = true;
    ready.give?.();
    await promisesSettled();
    answer(scene);
    await promisesSettled();
    expect(outcome).toEqual({ value: response() });
  });

  test("fails with what the connection says", async () => {
    const scene = exchangeScene();
    scene.connection.isOnline = false;
    const error = new NotConnectedError("send a request", BROKER);
    scene.connection.onReady = () => Promise.reject(error);
    const outcome = send(scene);
    await promisesSettled();
    expect(outcome).toEqual({ error });
  });
});

describe("a request whose publish", () => {
  test.each([0, 1] as const)(
    "loses the link keeps its deadline, and takes a response over the next link: QoS %i",
    async (qos) => {
      const scene = exchangeScene();
      scene.connection.onPublish = () => Promise.reject(new LinkLostError(BROKER));
      const outcome = send(scene, { qos });
      await scene.clock.advance(999);
      expect(outcome).toEqual({});
      answer(scene);
      await promisesSettled();
      expect(outcome).toEqual({ value: response() });
    },
  );

  test("loses the link ends at its deadline", async () => {
    const scene = exchangeScene();
    scene.connection.onPublish = () => Promise.reject(new LinkLostError(BROKER));
    const outcome = send(scene, { qos: 1 });
    await scene.clock.advance(1_000);
    expect(outcome).toEqual({ error: TOO_LATE });
  });

  test("is given up because the broker ends each link over it fails at once", async () => {
    const scene = exchangeScene();
    const error = new LinkLostError(BROKER, { isOverThisCall: true });
    scene.connection.onPublish = () => Promise.reject(error);
    const outcome = send(scene, { qos: 1 });
    await promisesSettled();
    expect(outcome).toEqual({ error });
  });

  test("is refused fails at once", async () => {
    const scene = exchangeScene();
    const refusal = new PublishRefusedError("a/b", { broker: BROKER, reasonCode: 135 });
    scene.connection.onPublish = () => Promise.reject(refusal);
    const outcome = send(scene, { qos: 1 });
    await promisesSettled();
    expect(outcome).toEqual({ error: refusal });
    expect(scene.clock.timerCount).toBe(0);
    expect(scene.counters).toEqual({ requestsSent: 1, requestsUnanswered: 1 });
  });

  test("meets no subscriber fails at once, and says whom it asked for what", async () => {
    const scene = exchangeScene();
    scene.connection.onPublish = () => Promise.resolve("no-subscribers" as const);
    const outcome = send(scene, { qos: 1 });
    await promisesSettled();
    expect(outcome.error).toBeInstanceOf(ServiceUnavailableResponse);
    expect(outcome.error).toMatchObject({
      responseCode: 503,
      target: "device",
      path: "gains",
      method: "GET",
      requestId: "id-1",
      source: "requester",
    });
  });

  test("fails after the response has come changes nothing, and is no unhandled rejection", async () => {
    const scene = exchangeScene();
    const failure: { give?: (error: Error) => void } = {};
    scene.connection.onPublish = () =>
      new Promise((_resolve, reject) => {
        failure.give = reject;
      });
    const reasons = await unhandledDuring(async () => {
      const outcome = send(scene, { qos: 1 });
      await promisesSettled();
      answer(scene);
      failure.give?.(STOPPED);
      await promisesSettled();
      expect(outcome).toEqual({ value: response() });
    });
    expect(reasons).toEqual([]);
  });

  test("throws at once fails, and leaves nothing behind", async () => {
    const scene = exchangeScene();
    scene.connection.onPublish = () => {
      throw STOPPED;
    };
    const reasons = await unhandledDuring(async () => {
      const outcome = send(scene);
      await scene.clock.advance(2_000);
      expect(outcome).toEqual({ error: STOPPED });
    });
    expect(reasons).toEqual([]);
    expect(scene.exchange.size).toBe(0);
    expect(scene.clock.timerCount).toBe(0);
  });
});

describe("an exchange that is closed", () => {
  test("ends every request in flight, those on their way through the handlers too", async () => {
    const scene = exchangeScene();
    const outcomes = ["id-1", "id-2"].map((requestId) => send(scene, { requestId }));
    await promisesSettled();
    scene.exchange.claim("id-1", MAILBOX_TOPIC);
    scene.exchange.rejectAll(() => new ClientClosedError("get a response", BROKER));
    await promisesSettled();
    for (const outcome of outcomes) expect(outcome.error).toBeInstanceOf(ClientClosedError);
    expect(outcomes[0]?.error).not.toBe(outcomes[1]?.error);
    expect(scene.exchange.size).toBe(0);
    expect(scene.clock.timerCount).toBe(0);
  });
});

describe("a request that ends without a response", () => {
  test("at its deadline has the link probed", async () => {
    const scene = exchangeScene();
    const outcome = send(scene);
    await scene.clock.advance(1_000);
    expect(outcome).toEqual({ error: TOO_LATE });
    expect(scene.connection.log.at(-1)).toBe("probe");
  });

  test("by its signal tells nothing about the link", async () => {
    const scene = exchangeScene();
    const controller = new AbortController();
    const deadline = within(scene.clock, { signal: controller.signal });
    const outcome = outcomeOf(scene.exchange.send(callWith(deadline)));
    await promisesSettled();
    controller.abort(TOO_LATE);
    await promisesSettled();
    expect(outcome).toEqual({ error: TOO_LATE });
    expect(scene.connection.log.join()).not.toContain("probe");
  });
});
