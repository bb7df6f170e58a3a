import { once } from "node:events";
import type { Socket } from "node:net";
import { connect, createServer } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { systemClock } from "../../src/runtime/platform.ts";
import { listenLocally } from "../support/local-server.ts";

afterEach(() => void vi.useRealTimers());

describe("the system's clock", () => {
  test("gives epoch milliseconds", () => {
    vi.useFakeTimers({ now: 1_700_000_000_000 });
    expect(systemClock.epochMs()).toBe(1_700_000_000_000);
  });

  test("has a monotonic scale that no change of the date moves", () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const before = systemClock.monotonicMs();
    vi.setSystemTime(0);
    expect(systemClock.monotonicMs()).toBeGreaterThanOrEqual(before);
  });

  test("calls back once after the delay", () => {
    vi.useFakeTimers();
    const callback = vi.fn();
    systemClock.startTimer(callback, 50);
    vi.advanceTimersByTime(49);
    expect(callback).not.toHaveBeenCalled();
    vi.advanceTimersByTime(500);
    expect(callback).toHaveBeenCalledOnce();
  });

  test("does not call back once the timer is stopped", () => {
    vi.useFakeTimers();
    const callback = vi.fn();
    const stop = systemClock.startTimer(callback, 50);
    stop();
    vi.advanceTimersByTime(500);
    expect(callback).not.toHaveBeenCalled();
  });
});

/** Blocks the event loop, as a long computation does. */
const block = (ms: number): void => {
  const until = performance.now() + ms;
  while (performance.now() < until);
};

describe("a timer longer than the runtime's longest", () => {
  const LONGEST_DELAY_MS = 2 ** 31 - 1;

  test("rings when it is due, and not at once", () => {
    vi.useFakeTimers();
    const callback = vi.fn();
    systemClock.startTimer(callback, LONGEST_DELAY_MS + 1_000);
    vi.advanceTimersByTime(LONGEST_DELAY_MS + 999);
    expect(callback).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(callback).toHaveBeenCalledOnce();
  });

  test("can be stopped after it was started again", () => {
    vi.useFakeTimers();
    const callback = vi.fn();
    const stop = systemClock.startTimer(callback, LONGEST_DELAY_MS * 3);
    vi.advanceTimersByTime(LONGEST_DELAY_MS * 2);
    stop();
    vi.advanceTimersByTime(LONGEST_DELAY_MS * 2);
    expect(callback).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("that never ends does not ring", () => {
    vi.useFakeTimers();
    const callback = vi.fn();
    const stop = systemClock.startTimer(callback, Infinity);
    vi.advanceTimersByTime(LONGEST_DELAY_MS * 2);
    expect(callback).not.toHaveBeenCalled();
    stop();
  });

  test("rings although a coarse clock stands a moment before its time", () => {
    vi.useFakeTimers();
    const callback = vi.fn();
    const coarse = vi.spyOn(performance, "now").mockReturnValue(1_000);
    systemClock.startTimer(callback, 50);
    coarse.mockReturnValue(1_049);
    vi.advanceTimersByTime(50);
    expect(callback).toHaveBeenCalledOnce();
    coarse.mockRestore();
  });
});

describe("a timer that rings late, because the loop was blocked", () => {
  /** What comes first: the timers, or bytes that arrived while the loop was blocked past these. */
  const firstOf = async (timerCount: number): Promise<string> => {
    const listening = createServer();
    const server = await listenLocally(listening);
    const socket = connect(server.port, "127.0.0.1");
    const [[peer]] = await Promise.all([once(listening, "connection"), once(socket, "connect")]);
    const first = new Promise<string>((resolve) => {
      socket.once("data", () => {
        resolve("data");
      });
      for (let timer = 0; timer < timerCount; timer += 1) {
        systemClock.startTimer(() => {
          resolve("timer");
          block(1);
        }, 5);
      }
    });
    (peer as Socket).write("hello");
    block(60);
    await first;
    socket.destroy();
    await server.close();
    return first;
  };

  test.each([1, 50])("lets what has arrived be read before it rings, %i at once", async (count) => {
    expect(await firstOf(count)).toBe("data");
  });

  test("can still be stopped by what was read", () => {
    vi.useFakeTimers();
    const callback = vi.fn();
    const late = vi.spyOn(performance, "now").mockReturnValue(1_000);
    const stop = systemClock.startTimer(callback, 50);
    late.mockReturnValue(1_200);
    vi.advanceTimersToNextTimer();
    expect(callback).not.toHaveBeenCalled();
    stop();
    vi.runAllTimers();
    expect(callback).not.toHaveBeenCalled();
    late.mockRestore();
  });

  test("rings all the same where there are no immediates", () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    vi.stubGlobal("setImmediate", undefined);
    const callback = vi.fn();
    const late = vi.spyOn(performance, "now").mockReturnValue(1_000);
    systemClock.startTimer(callback, 50);
    late.mockReturnValue(1_200);
    vi.advanceTimersByTime(50);
    expect(callback).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(callback).toHaveBeenCalledOnce();
    late.mockRestore();
    vi.unstubAllGlobals();
  });
});
