import { afterEach, describe, expect, test, vi } from "vitest";
import { systemClock } from "../../src/runtime/clock.ts";

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
