import { getEventListeners } from "node:events";
import { describe, expect, test, vi } from "vitest";
import type { Deadline, Settle } from "../../src/runtime/deadline.ts";
import {
  pause,
  remainingMs,
  settleWithin,
  throwIfReached,
  waitWithin,
} from "../../src/runtime/deadline.ts";
import { ManualClock } from "./manual-clock.ts";
import { unhandledDuring } from "./unhandled-rejections.ts";

const TOO_LATE = new Error("too late");
const STOPPED = new Error("stopped");

interface Scene {
  readonly clock: ManualClock;
  readonly controller: AbortController;
  readonly limits: Deadline;
}

/** Deadline of 100 ms with a signal. */
const scene = (ms = 100): Scene => {
  const clock = new ManualClock();
  const controller = new AbortController();
  const expiresAt = clock.monotonicMs() + ms;
  const limits = { clock, expiresAt, signal: controller.signal, timeoutError: () => TOO_LATE };
  return { clock, controller, limits };
};

const abortListeners = ({ controller }: Scene): number =>
  getEventListeners(controller.signal, "abort").length;

const expectNothingLeft = (here: Scene): void => {
  expect(here.clock.timerCount).toBe(0);
  expect(abortListeners(here)).toBe(0);
};

/** Starts a wait whose end the test decides. */
const startWait = (here: Scene, release?: () => void) => {
  const started: { settle?: Settle<string> } = {};
  const wait = waitWithin<string>(here.limits, (settle) => {
    started.settle = settle;
    return release;
  });
  const { settle } = started;
  if (settle === undefined) throw new Error("the wait did not start at once");
  return { wait, settle };
};

describe("remainingMs", () => {
  test("counts down to 0 and stays there", async () => {
    const { clock, limits } = scene();
    expect(remainingMs(limits)).toBe(100);
    await clock.advance(99);
    expect(remainingMs(limits)).toBe(1);
    await clock.advance(50);
    expect(remainingMs(limits)).toBe(0);
  });
});

describe("throwIfReached", () => {
  test("lets a call pass whose limits are ahead", () => {
    expect(() => throwIfReached(scene().limits)).not.toThrow();
  });

  test("throws the reason of an aborted signal, whatever it is", () => {
    const { controller, limits } = scene();
    controller.abort("a text");
    expect(() => throwIfReached(limits)).toThrow("a text");
  });

  test("throws the timeout error from the deadline on", async () => {
    const { clock, limits } = scene();
    await clock.advance(100);
    expect(() => throwIfReached(limits)).toThrow(TOO_LATE);
  });
});

describe("waitWithin", () => {
  test("resolves with what the code inside settles it with, and leaves nothing behind", async () => {
    const here = scene();
    const release = vi.fn();
    const { wait, settle } = startWait(here, release);
    settle.resolve("done");
    await expect(wait).resolves.toBe("done");
    expect(release).toHaveBeenCalledOnce();
    expectNothingLeft(here);
  });

  test("rejects with what the code inside rejects it with, and leaves nothing behind", async () => {
    const here = scene();
    const release = vi.fn();
    const { wait, settle } = startWait(here, release);
    settle.reject("not even an error");
    await expect(wait).rejects.toBe("not even an error");
    expect(release).toHaveBeenCalledOnce();
    expectNothingLeft(here);
  });

  test("rejects with the timeout error at the deadline, not before, and leaves nothing behind", async () => {
    const here = scene();
    const release = vi.fn();
    const { wait } = startWait(here, release);
    const settled = vi.fn();
    wait.catch(settled);
    await here.clock.advance(99);
    expect(settled).not.toHaveBeenCalled();
    await here.clock.advance(1);
    expect(settled).toHaveBeenCalledExactlyOnceWith(TOO_LATE);
    expect(release).toHaveBeenCalledOnce();
    expectNothingLeft(here);
  });

  test("rejects with the signal's reason during the wait, and leaves nothing behind", async () => {
    const here = scene();
    const release = vi.fn();
    const { wait } = startWait(here, release);
    here.controller.abort(STOPPED);
    await expect(wait).rejects.toBe(STOPPED);
    expect(release).toHaveBeenCalledOnce();
    expectNothingLeft(here);
  });

  test("does not start when the signal was aborted before", async () => {
    const here = scene();
    here.controller.abort(STOPPED);
    const start = vi.fn();
    await expect(waitWithin(here.limits, start)).rejects.toBe(STOPPED);
    expect(start).not.toHaveBeenCalled();
    expectNothingLeft(here);
  });

  test("does not start when the deadline has passed", async () => {
    const here = scene();
    await here.clock.advance(100);
    const start = vi.fn();
    await expect(waitWithin(here.limits, start)).rejects.toBe(TOO_LATE);
    expect(start).not.toHaveBeenCalled();
    expectNothingLeft(here);
  });

  test("works without a signal", async () => {
    const { clock, limits } = scene();
    const wait = waitWithin({ ...limits, signal: undefined }, () => undefined);
    const settled = vi.fn();
    wait.catch(settled);
    await clock.advance(100);
    expect(settled).toHaveBeenCalledExactlyOnceWith(TOO_LATE);
  });

  test("rejects with what starting throws, and leaves nothing behind", async () => {
    const here = scene();
    const wait = waitWithin(here.limits, () => {
      throw STOPPED;
    });
    await expect(wait).rejects.toBe(STOPPED);
    expectNothingLeft(here);
  });

  test("releases what was taken when it settles while it starts", async () => {
    const here = scene();
    const release = vi.fn();
    const wait = waitWithin<string>(here.limits, ({ resolve }) => {
      resolve("at once");
      return release;
    });
    await expect(wait).resolves.toBe("at once");
    expect(release).toHaveBeenCalledOnce();
    expectNothingLeft(here);
  });

  test("settles once, by whatever comes first", async () => {
    const here = scene();
    const release = vi.fn();
    const { wait, settle } = startWait(here, release);
    settle.resolve("first");
    settle.resolve("second");
    settle.reject(STOPPED);
    here.controller.abort(STOPPED);
    await here.clock.advance(200);
    await expect(wait).resolves.toBe("first");
    expect(release).toHaveBeenCalledOnce();
  });

  test("has released before the caller learns the outcome", async () => {
    const here = scene();
    const events: string[] = [];
    const { wait, settle } = startWait(here, () => void events.push("released"));
    settle.resolve("done");
    events.push(await wait);
    expect(events).toEqual(["released", "done"]);
  });
});

describe("settleWithin", () => {
  test("passes on the value and the error of the promise", async () => {
    const here = scene();
    await expect(settleWithin(here.limits, Promise.resolve(5))).resolves.toBe(5);
    await expect(settleWithin(here.limits, Promise.reject(STOPPED))).rejects.toBe(STOPPED);
    expectNothingLeft(here);
  });

  test("gives up a promise that never settles at the deadline", async () => {
    const here = scene();
    const settled = vi.fn();
    settleWithin(here.limits, new Promise(() => {})).catch(settled);
    await here.clock.advance(100);
    expect(settled).toHaveBeenCalledExactlyOnceWith(TOO_LATE);
    expectNothingLeft(here);
  });

  test("a promise that fails after the deadline disturbs nobody", async () => {
    const here = scene();
    const late: { fail?: (error: Error) => void } = {};
    const promise = new Promise<never>((_resolve, reject) => {
      late.fail = reject;
    });
    const reasons = await unhandledDuring(async () => {
      const settled = vi.fn();
      settleWithin(here.limits, promise).catch(settled);
      await here.clock.advance(100);
      late.fail?.(new Error("after the deadline"));
      expect(settled).toHaveBeenCalledExactlyOnceWith(TOO_LATE);
    });
    expect(reasons).toEqual([]);
  });

  test("a promise that fails when the limits were reached before disturbs nobody", async () => {
    const here = scene();
    here.controller.abort(STOPPED);
    const reasons = await unhandledDuring(async () => {
      const promise = Promise.reject(new Error("nobody waits for this"));
      await expect(settleWithin(here.limits, promise)).rejects.toBe(STOPPED);
    });
    expect(reasons).toEqual([]);
  });
});

describe("pause", () => {
  test("resolves after the delay, not before, and leaves nothing behind", async () => {
    const here = scene();
    const resolved = vi.fn();
    void pause(here.clock, 50, here.controller.signal).then(resolved);
    await here.clock.advance(49);
    expect(resolved).not.toHaveBeenCalled();
    await here.clock.advance(1);
    expect(resolved).toHaveBeenCalledOnce();
    expectNothingLeft(here);
  });

  test("rejects with the signal's reason as soon as it comes, and leaves nothing behind", async () => {
    const here = scene();
    const pausing = pause(here.clock, 50, here.controller.signal);
    here.controller.abort(STOPPED);
    await expect(pausing).rejects.toBe(STOPPED);
    expectNothingLeft(here);
  });

  test("rejects at once when the signal was aborted before", async () => {
    const here = scene();
    here.controller.abort(STOPPED);
    await expect(pause(here.clock, 50, here.controller.signal)).rejects.toBe(STOPPED);
    expectNothingLeft(here);
  });
});
