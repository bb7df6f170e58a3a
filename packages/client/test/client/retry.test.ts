import { describe, expect, test } from "vitest";
import type { RetryPlan } from "../../src/client/retry.ts";
import { planOf, readRetry, sendRepeatedly } from "../../src/client/retry.ts";
import { usefulMs } from "../../src/runtime/deadline.ts";
import type { RequestDeadline } from "../../src/exchange/request-in-flight.ts";
import { LinkLostError, OptionError, ServiceUnavailableResponse } from "../../src/index.ts";
import { ManualClock, promisesSettled } from "../runtime/manual-clock.ts";

const PLAN = { attempts: 4, minDelayMs: 100, maxDelayMs: 300 };

/** Attempts that the test answers, and when they were made. */
const scene = (
  plan: NonNullable<RetryPlan> = PLAN,
  {
    timeoutMs = 1_000,
    ready,
  }: { readonly timeoutMs?: number; readonly ready?: Promise<void> } = {},
) => {
  const clock = new ManualClock();
  const end = new AbortController();
  const startMs = clock.monotonicMs();
  const deadline: RequestDeadline = {
    clock,
    expiresAt: startMs + timeoutMs,
    signal: end.signal,
    delivery: "not sent",
    timeoutError: () => new Error("the whole request"),
  };
  const madeAt: number[] = [];
  const usefulForMs: number[] = [];
  const settles: { resolve: (value: string) => void; reject: (error: unknown) => void }[] = [];
  const outcome = sendRepeatedly<string>({
    plan,
    deadline,
    random: () => 0.5,
    send: (attempt) => {
      usefulForMs.push(usefulMs(attempt));
      madeAt.push(clock.monotonicMs() - startMs);
      return new Promise((resolve, reject) => {
        settles.push({ resolve, reject });
        clock.startTimer(() => {
          reject(attempt.timeoutError());
        }, attempt.expiresAt - clock.monotonicMs());
      });
    },
    ready: () => ready,
    pause: (delayMs) =>
      new Promise((resolve) => {
        clock.startTimer(resolve, delayMs);
      }),
  }).catch((error: unknown) => error);
  return { clock, end, deadline, madeAt, usefulForMs, settles, outcome };
};

describe("a request that is sent again", () => {
  test("waits twice as long with each attempt up to a bound, and then for the rest of its time", async () => {
    const { clock, madeAt, outcome } = scene();
    await clock.advance(1_000);
    expect(madeAt).toEqual([0, 125, 375, 750]);
    expect(await outcome).toEqual(new Error("the whole request"));
  });

  test.each<readonly [number, number, readonly number[]]>([
    [3, 7_000, [0, 1_250, 3_750]],
    [5, 5_000, [0, 202, 605, 1_411, 3_024]],
    [3, 60_000, [0, 1_250, 3_750]],
    [5, 300, [0, 125]],
  ])(
    "if nothing is said of its waits, %i attempts share %i ms, as long as that leaves enough",
    async (attempts, timeoutMs, times) => {
      const plan = { attempts, minDelayMs: undefined, maxDelayMs: 10_000 };
      const { clock, madeAt, outcome } = scene(plan, { timeoutMs });
      await clock.advance(timeoutMs);
      expect(madeAt.map(Math.round)).toEqual(times);
      expect(await outcome).toEqual(new Error("the whole request"));
    },
  );

  test("may be delivered until the end of all: an answer to any attempt will do", async () => {
    const { clock, usefulForMs, outcome } = scene();
    await clock.advance(1_000);
    await outcome;
    expect(usefulForMs).toEqual([1_000, 875, 625, 250]);
  });

  test("waits for the link: what cannot be sent is no attempt", async () => {
    let connect = (): void => undefined;
    const ready = new Promise<void>((resolve) => {
      connect = resolve;
    });
    const { clock, madeAt, settles, outcome } = scene(PLAN, { ready });
    await clock.advance(500);
    expect(madeAt).toEqual([]);
    connect();
    await clock.advance(125);
    expect(madeAt).toEqual([500, 625]);
    settles[1]?.resolve("answer");
    expect(await outcome).toBe("answer");
  });

  test("ends with the first answer, and is not sent again", async () => {
    const { clock, madeAt, settles, outcome } = scene();
    await clock.advance(130);
    settles[1]?.resolve("answer");
    await clock.advance(1_000);
    expect([madeAt, await outcome]).toEqual([[0, 125], "answer"]);
  });

  test.each([
    ["503", () => new ServiceUnavailableResponse("busy")],
    ["a lost link", () => new LinkLostError("broker")],
  ])("is after %s, and not before its wait is over", async (_what, createError) => {
    const { clock, madeAt, settles, outcome } = scene();
    settles[0]?.reject(createError());
    await clock.advance(124);
    expect(madeAt).toEqual([0]);
    await clock.advance(1);
    expect(madeAt).toEqual([0, 125]);
    settles[1]?.resolve("answer");
    expect(await outcome).toBe("answer");
  });

  test("is not after any other error", async () => {
    const { clock, madeAt, settles, outcome } = scene();
    const error = new Error("refused");
    settles[0]?.reject(error);
    await clock.advance(1_000);
    expect([madeAt, await outcome]).toEqual([[0], error]);
  });

  test("is not where another wait would not end in time: the error it has tells more", async () => {
    const busy = new ServiceUnavailableResponse("busy");
    const { settles, madeAt, outcome } = scene(PLAN, { timeoutMs: 120 });
    settles[0]?.reject(busy);
    await promisesSettled();
    expect([madeAt, await outcome]).toEqual([[0], busy]);
  });

  test("is not after its signal", async () => {
    const { clock, end, madeAt, settles, outcome } = scene();
    end.abort(new Error("enough"));
    settles[0]?.reject(new ServiceUnavailableResponse("busy"));
    await clock.advance(1_000);
    expect([madeAt, await outcome]).toEqual([[0], new Error("enough")]);
  });

  test("keeps how far it came", async () => {
    const whole = scene().deadline;
    const seen: string[] = [];
    await sendRepeatedly({
      plan: { ...PLAN, attempts: 3 },
      deadline: whole,
      random: () => 0,
      send: (attempt) => {
        seen.push(attempt.delivery);
        attempt.delivery = seen.length === 1 ? "acknowledged" : "sent";
        return Promise.reject(attempt.timeoutError());
      },
      ready: () => undefined,
      pause: () => Promise.resolve(),
    }).catch(() => undefined);
    expect([seen, whole.delivery]).toEqual([
      ["not sent", "acknowledged", "acknowledged"],
      "acknowledged",
    ]);
  });
});

describe("the option retry", () => {
  test.each<readonly [unknown, RetryPlan]>([
    [undefined, undefined],
    [false, undefined],
    [5, { attempts: 5, minDelayMs: undefined, maxDelayMs: 10_000 }],
    [{}, { attempts: 3, minDelayMs: undefined, maxDelayMs: 10_000 }],
    [{ minDelayMs: 20_000 }, { attempts: 3, minDelayMs: 20_000, maxDelayMs: 20_000 }],
    [{ maxDelayMs: 50 }, { attempts: 3, minDelayMs: undefined, maxDelayMs: 50 }],
  ])("%j is the plan %j", (given, plan) => {
    expect(readRetry(given)).toEqual(plan);
  });

  test.each([
    true,
    null,
    "3",
    0,
    1.5,
    [],
    { attempts: 0 },
    { retries: 3 },
    { minDelayMs: 0 },
    { minDelayMs: 10, maxDelayMs: 5 },
  ])("%j is refused", (given) => {
    expect(() => readRetry(given)).toThrow(OptionError);
  });

  test("of a client holds for what is safe to carry out twice, that of a request for anything", () => {
    const ofClient = readRetry(2);
    expect(planOf(undefined, ofClient, "GET")).toBe(ofClient);
    expect(planOf(undefined, ofClient, "POST")).toBeUndefined();
    expect(planOf(4, ofClient, "POST")).toMatchObject({ attempts: 4 });
    expect(planOf(false, ofClient, "GET")).toBeUndefined();
  });
});
