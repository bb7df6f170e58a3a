import { describe, expect, test } from "vitest";
import { SharedTimer } from "../../src/runtime/shared-timer.ts";
import { ManualClock } from "./manual-clock.ts";

const scene = () => {
  const clock = new ManualClock();
  const timer = new SharedTimer(clock);
  const rung: string[] = [];
  const alarm = (name: string, delayMs: number) => timer.startTimer(() => rung.push(name), delayMs);
  return { clock, timer, rung, alarm };
};

describe("alarms that share a timer", () => {
  test("ring in the order of their times, each once", async () => {
    const { clock, rung, alarm } = scene();
    alarm("late", 30);
    alarm("early", 10);
    alarm("middle", 20);
    await clock.advance(10);
    expect(rung).toEqual(["early"]);
    await clock.advance(20);
    await clock.advance(100);
    expect(rung).toEqual(["early", "middle", "late"]);
  });

  test("need one timer of the clock, however many they are", () => {
    const { clock, alarm } = scene();
    for (let delayMs = 10; delayMs < 100; delayMs += 1) alarm("", delayMs);
    expect(clock.timerCount).toBe(1);
  });

  test("do not ring once they are cancelled", async () => {
    const { clock, rung, alarm } = scene();
    const cancel = alarm("cancelled", 10);
    alarm("kept", 20);
    cancel();
    cancel();
    await clock.advance(20);
    expect(rung).toEqual(["kept"]);
  });

  test("may cancel one another while they ring", async () => {
    const { clock, timer, rung, alarm } = scene();
    timer.startTimer(() => cancelOther(), 10);
    const cancelOther = alarm("other", 10);
    await clock.advance(10);
    expect(rung).toEqual([]);
  });

  test("may start new ones while they ring", async () => {
    const { clock, timer, rung, alarm } = scene();
    timer.startTimer(() => alarm("second", 5), 10);
    await clock.advance(15);
    expect(rung).toEqual(["second"]);
  });
});

describe("the timer below", () => {
  test("ends with the last alarm, so that it keeps no process alive", () => {
    const { clock, alarm } = scene();
    const cancel = alarm("", 10);
    cancel();
    expect(clock.timerCount).toBe(0);
  });

  test("goes on while it may linger, and the next alarm finds it running", async () => {
    const { clock, timer, rung, alarm } = scene();
    timer.setLingering(true);
    alarm("cancelled", 10)();
    expect(clock.timerCount).toBe(1);
    alarm("next", 15);
    expect(clock.timerCount).toBe(1);
    await clock.advance(15);
    expect(rung).toEqual(["next"]);
  });

  test("that lingers ends at once when it may no longer", () => {
    const { clock, timer, alarm } = scene();
    timer.setLingering(true);
    alarm("cancelled", 10)();
    timer.setLingering(false);
    expect(clock.timerCount).toBe(0);
  });

  test("tells the time of the clock below", async () => {
    const { clock, timer } = scene();
    await clock.advance(7);
    expect([timer.monotonicMs(), timer.epochMs()]).toEqual([clock.monotonicMs(), clock.epochMs()]);
  });
});
