import { expect, test } from "vitest";

import { runLoad } from "../../src/load/load-run.ts";
import type { LoadPlan } from "../../src/load/load-run.ts";
import { VirtualClock } from "./virtual-clock.ts";

const plan: LoadPlan = { concurrency: 4, requests: Infinity, durationMs: Infinity };

/** A load over a clock that jumps, each request answered after what `answerMs` gives for its number. */
const play = async (
  asked: Partial<LoadPlan>,
  answerMs: (index: number) => number,
  controller = new AbortController(),
) => {
  const clock = new VirtualClock();
  const beganMs = clock.nowMs();
  const latencies: number[] = [];
  const errors: unknown[] = [];
  const starts: number[] = [];
  const inFlight = { now: 0, most: 0 };
  const send = async (signal: AbortSignal): Promise<void> => {
    const index = starts.push(clock.nowMs() - beganMs) - 1;
    inFlight.now += 1;
    inFlight.most = Math.max(inFlight.most, inFlight.now);
    await clock.waitUntil(clock.nowMs() + answerMs(index), signal);
    inFlight.now -= 1;
    signal.throwIfAborted();
  };
  const onEnd = (latencyMs: number, error: unknown): void => {
    latencies.push(latencyMs);
    if (error !== undefined) errors.push(error);
  };
  const { signal } = controller;
  const running = runLoad({ ...plan, ...asked }, { clock, send, onEnd, signal });
  const end = await clock.run(running);
  return { ...end, latencies, errors, starts, mostInFlight: inFlight.most, clock };
};

test("exactly as many requests are sent as asked for, and never more at once", async () => {
  const { started, latencies, mostInFlight, elapsedMs } = await play({ requests: 10 }, () => 10);
  expect(started).toBe(10);
  expect(latencies).toEqual(Array.from({ length: 10 }, () => 10));
  expect(mostInFlight).toBe(4);
  expect(elapsedMs).toBe(30);
});

test("fewer requests than lanes are no trouble", async () => {
  expect((await play({ requests: 2, concurrency: 64 }, () => 10)).started).toBe(2);
});

test("no request starts after the duration, and those under way are waited for", async () => {
  const { starts, started, latencies, elapsedMs } = await play({ durationMs: 95 }, () => 10);
  expect(Math.max(...starts)).toBe(90);
  expect(started).toBe(40);
  expect(latencies).toHaveLength(40);
  expect(elapsedMs).toBe(100);
});

test("with a rate, requests start at even distances", async () => {
  const { starts, elapsedMs, pacedMs } = await play({ requests: 10, ratePerSecond: 100 }, () => 3);
  expect(starts).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90]);
  expect(elapsedMs).toBe(93);
  expect(pacedMs).toBe(100);
});

test("with a rate and a duration, as many start as belong into it", async () => {
  const { started, pacedMs } = await play({ durationMs: 2_000, ratePerSecond: 500 }, () => 1);
  expect(started).toBe(1_000);
  expect(pacedMs).toBe(2_000);
});

test("a stall counts for all requests that were due meanwhile, not for one alone", async () => {
  const stalled = (index: number): number => (index === 5 ? 100 : 1);
  const { latencies, starts } = await play(
    { requests: 20, ratePerSecond: 100, concurrency: 1 },
    stalled,
  );
  expect(starts).toHaveLength(20);
  expect(Math.max(...latencies)).toBe(100);
  // Nine more were due in that time: the first of them waited 90 ms for its turn.
  expect(latencies.filter((latencyMs) => latencyMs > 5)).toHaveLength(11);
  expect(latencies[6]).toBe(91);
});

test("a load that cannot keep its rate ends with its duration", async () => {
  const { started, elapsedMs } = await play(
    { durationMs: 100, ratePerSecond: 1_000, concurrency: 1 },
    () => 10,
  );
  expect(started).toBe(10);
  expect(elapsedMs).toBe(100);
});

test("an end from outside starts nothing more, and does not count what it cut off", async () => {
  const controller = new AbortController();
  const { started, latencies, errors } = await play(
    { concurrency: 1 },
    (index) => {
      if (index === 9) controller.abort(new Error("enough"));
      return 10;
    },
    controller,
  );
  expect(started).toBe(10);
  expect(latencies).toHaveLength(9);
  expect(errors).toEqual([]);
});

test("an end from outside wakes those that wait for their time", async () => {
  const controller = new AbortController();
  const { started } = await play(
    { ratePerSecond: 1, concurrency: 2 },
    (index) => {
      if (index === 1) controller.abort(new Error("enough"));
      return 10;
    },
    controller,
  );
  expect(started).toBe(2);
});

test("requests that fail are counted with their error, and the load goes on", async () => {
  const failure = new Error("no answer");
  const seen: unknown[] = [];
  const { started } = await runLoad(
    { ...plan, requests: 5 },
    {
      clock: new VirtualClock(),
      send: () => Promise.reject(failure),
      onEnd: (_latencyMs, error) => seen.push(error),
      signal: new AbortController().signal,
    },
  );
  expect(started).toBe(5);
  expect(seen).toEqual([failure, failure, failure, failure, failure]);
});
