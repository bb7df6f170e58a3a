import { describe, expect, test } from "vitest";
import { Drain } from "../../src/client/drain.ts";
import { ManualClock, promisesSettled } from "../runtime/manual-clock.ts";

const scene = (): { clock: ManualClock; drain: Drain; ends: string[] } => {
  const clock = new ManualClock();
  const ends: string[] = [];
  const drain = new Drain(clock);
  return { clock, drain, ends };
};

describe("a drain", () => {
  test("is on from its beginning to its time", async () => {
    const { clock, drain, ends } = scene();
    expect([drain.isOn, drain.ended]).toEqual([false, undefined]);
    drain.begin(100);
    void drain.ended?.then(() => ends.push("ended"));
    await clock.advance(99);
    expect([drain.isOn, ends]).toEqual([true, []]);
    await clock.advance(1);
    expect([drain.isOn, ends]).toEqual([false, ["ended"]]);
  });

  test("ends before its time when it is told to, and leaves no timer", async () => {
    const { clock, drain, ends } = scene();
    drain.begin(100);
    void drain.ended?.then(() => ends.push("ended"));
    drain.end();
    await promisesSettled();
    expect([drain.isOn, ends, clock.timerCount]).toEqual([false, ["ended"], 0]);
  });

  test("becomes shorter by a second beginning, and never longer", async () => {
    const { clock, drain } = scene();
    drain.begin(100);
    drain.begin(1_000);
    drain.begin(10);
    await clock.advance(10);
    expect([drain.isOn, clock.timerCount]).toEqual([false, 0]);
  });
});
