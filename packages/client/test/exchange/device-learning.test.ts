import { describe, expect, test } from "vitest";
import { promisesSettled } from "../runtime/manual-clock.ts";
import type { ExchangeScene } from "./exchange-scene.ts";
import { TOO_LATE, callWith, exchangeScene, response, within } from "./exchange-scene.ts";

const MAILBOX = "gf_int_v1/axuv/response/device/box";
const headerTopic = (id: string): string => `gf_int_v1/axuv/response/device/${id}`;

/** Sends so many first requests to a device at once. */
const sendBurst = ({ clock, exchange }: ExchangeScene, count: number, signal?: AbortSignal) => {
  const ids = Array.from({ length: count }, (_, number) => `id-${String(number)}`);
  const deadline = within(clock, { ms: 1_000, ...(signal && { signal }) });
  const outcomes = ids.map((requestId) =>
    exchange.send(callWith(deadline, { requestId })).then(
      ({ body }) => body,
      (error: unknown) => error,
    ),
  );
  return { ids, outcomes };
};

const answer = ({ exchange }: ExchangeScene, id: string, topic: string): void => {
  const claimed = exchange.claim(id, topic);
  if (typeof claimed === "object") claimed.succeed(response(id, id));
};

const count = ({ connection }: ExchangeScene, what: string): number =>
  connection.log.filter((event) => event.startsWith(what)).length;

describe("a burst of first requests to one device", () => {
  test("costs one subscription; the others are sent when its answer tells how the device answers", async () => {
    const scene = exchangeScene("auto");
    const { ids, outcomes } = sendBurst(scene, 500);
    await promisesSettled();
    expect([count(scene, "subscribe"), count(scene, "publish")]).toEqual([1, 1]);
    answer(scene, "id-0", MAILBOX);
    await promisesSettled();
    expect([count(scene, "subscribe"), count(scene, "publish")]).toEqual([1, 500]);
    for (const id of ids) answer(scene, id, MAILBOX);
    expect(await Promise.all(outcomes)).toEqual(ids);
  });

  test("gets a subscription each where the device answers on the topic of the header's id", async () => {
    const scene = exchangeScene("auto");
    const { ids, outcomes } = sendBurst(scene, 20);
    await promisesSettled();
    answer(scene, "id-0", headerTopic("id-0"));
    await promisesSettled();
    expect(count(scene, "subscribe")).toBe(20);
    for (const id of ids) answer(scene, id, headerTopic(id));
    expect(await Promise.all(outcomes)).toEqual(ids);
  });

  test("waits 250 ms at most: over the mailbox then, where the broker takes its time to subscribe", async () => {
    const scene = exchangeScene("auto");
    scene.connection.onSubscribe = () => new Promise(() => {});
    const { outcomes } = sendBurst(scene, 20);
    await scene.clock.advance(249);
    expect(count(scene, "publish")).toBe(0);
    await scene.clock.advance(1);
    expect([count(scene, "subscribe"), count(scene, "publish")]).toEqual([1, 19]);
    answer(scene, "id-7", MAILBOX);
    expect(await outcomes[7]).toBe("id-7");
  });

  test("waits 250 ms at most: with a subscription each then, where the device takes its time to answer", async () => {
    const scene = exchangeScene("auto");
    sendBurst(scene, 20);
    await scene.clock.advance(250);
    expect([count(scene, "subscribe"), count(scene, "publish")]).toEqual([20, 20]);
  });

  test("does not hold up who comes when the one that asked has waited for so long already", async () => {
    const scene = exchangeScene("auto");
    sendBurst(scene, 1);
    await scene.clock.advance(250);
    void scene.exchange.send(callWith(within(scene.clock, { ms: 1_000 }), { requestId: "late" }));
    await promisesSettled();
    expect(scene.connection.sent.map(({ correlationData }) => correlationData)).toContain("late");
  });

  test("goes on with the next of them when the one that asked has failed", async () => {
    const scene = exchangeScene("auto");
    let failures = 1;
    scene.connection.onSubscribe = () => {
      failures -= 1;
      if (failures >= 0) throw new Error("no");
    };
    const { outcomes } = sendBurst(scene, 20);
    expect(await outcomes[0]).toEqual(new Error("no"));
    await promisesSettled();
    expect([count(scene, "subscribe"), count(scene, "publish")]).toEqual([2, 1]);
    answer(scene, "id-1", MAILBOX);
    await promisesSettled();
    expect(count(scene, "publish")).toBe(19);
  });

  test("ends with the deadline, the signal or the client, whatever it waits for", async () => {
    const late = exchangeScene("auto");
    late.connection.onSubscribe = () => new Promise(() => {});
    const clock = sendBurst(late, 3);
    await late.clock.advance(1_000);
    expect(await Promise.all(clock.outcomes.slice(1))).toEqual([TOO_LATE, TOO_LATE]);

    const aborted = exchangeScene("auto");
    const controller = new AbortController();
    const { outcomes } = sendBurst(aborted, 3, controller.signal);
    await promisesSettled();
    controller.abort("mine");
    expect(await Promise.all(outcomes)).toEqual(["mine", "mine", "mine"]);

    const closed = exchangeScene("auto");
    const burst = sendBurst(closed, 3);
    await promisesSettled();
    closed.connection.isOnline = false;
    closed.connection.onReady = () => {
      throw new Error("closed");
    };
    closed.exchange.rejectAll(() => new Error("closed"));
    expect(await Promise.all(burst.outcomes)).toEqual(burst.ids.map(() => new Error("closed")));
  });

  test("does not wait for what is learned about another device", async () => {
    const scene = exchangeScene("auto");
    const deadline = within(scene.clock);
    void scene.exchange.send(callWith(deadline)).catch(() => undefined);
    void scene.exchange
      .send(callWith(deadline, { requestId: "id-2", target: "other" }))
      .catch(() => undefined);
    void scene.exchange
      .send(callWith(deadline, { requestId: "id-3", subsystem: "x" }))
      .catch(() => undefined);
    await promisesSettled();
    expect([count(scene, "subscribe"), count(scene, "publish")]).toEqual([3, 3]);
    scene.exchange.rejectAll(() => new Error("closed"));
  });
});
