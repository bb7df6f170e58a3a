import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WorkQueue } from "../../src/client/work-queue.ts";
import { promisesSettled } from "../runtime/manual-clock.ts";

/** A queue whose tasks note their start, and end when the test says so. */
const scene = (maxRunning: number, maxWaiting: number, maxWaitingBytes = Infinity) => {
  const queue = new WorkQueue({ maxRunning, maxWaiting, maxWaitingBytes });
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const offer = (name: string): boolean => {
    const run = (): Promise<void> => {
      started.push(name);
      return new Promise((resolve) => {
        ends.set(name, resolve);
      });
    };
    return queue.offer({ run, bytes: name.length });
  };
  const end = async (name: string): Promise<void> => {
    ends.get(name)?.();
    ends.delete(name);
    await promisesSettled();
  };
  return { queue, offer, end, started, ends };
};

describe("WorkQueue", () => {
  test("starts a task at once while there is room", () => {
    const { offer, started } = scene(2, 0);
    expect([offer("a"), offer("b")]).toEqual([true, true]);
    expect(started).toEqual(["a", "b"]);
  });

  test("starts those that wait in the order of their arrival, as others end", async () => {
    const { offer, end, started } = scene(2, 10);
    for (const name of ["a", "b", "c", "d", "e"]) offer(name);
    expect(started).toEqual(["a", "b"]);
    await end("b");
    expect(started).toEqual(["a", "b", "c"]);
    await end("c");
    await end("a");
    expect(started).toEqual(["a", "b", "c", "d", "e"]);
  });

  test("refuses more than it can hold", async () => {
    const { offer, end, started } = scene(1, 2);
    expect(["a", "b", "c", "d"].map(offer)).toEqual([true, true, true, false]);
    await end("a");
    expect(["e", "f"].map(offer)).toEqual([true, false]);
    await end("b");
    await end("c");
    expect(started).toEqual(["a", "b", "c", "e"]);
  });

  test("refuses more bytes than may wait, what runs not counted, and has room again afterwards", async () => {
    const { offer, end, started } = scene(1, 10, 5);
    expect(["aaaaaaaaa", "bbb", "ccc", "dd", "e"].map(offer)).toEqual([
      true,
      true,
      false,
      true,
      false,
    ]);
    await end("aaaaaaaaa");
    expect(["ffff", "ggg"].map(offer)).toEqual([false, true]);
    for (const name of ["bbb", "dd", "ggg"]) await end(name);
    expect(started).toEqual(["aaaaaaaaa", "bbb", "dd", "ggg"]);
    expect(offer("hhhhhhhhhhh")).toBe(true);
  });

  test("counts no bytes of what it forgot", async () => {
    const { queue, offer } = scene(1, 10, 3);
    for (const name of ["a", "bbb"]) offer(name);
    queue.clear();
    expect(offer("ccc")).toBe(true);
  });

  test("holds a great many without becoming slow", async () => {
    const { offer, end, started } = scene(1, 100_000);
    for (let number = 0; number < 60_000; number += 1) offer(String(number));
    for (let number = 0; number < 1_000; number += 1) await end(String(number));
    expect(started).toHaveLength(1_001);
  });

  test("has room again once its tasks have ended", async () => {
    const { offer, end, started } = scene(1, 0);
    offer("a");
    expect(offer("b")).toBe(false);
    await end("a");
    expect(offer("c")).toBe(true);
    expect(started).toEqual(["a", "c"]);
  });

  test("forgets those that wait, and goes on with those that run", async () => {
    const { queue, offer, end, started } = scene(1, 10);
    for (const name of ["a", "b", "c"]) offer(name);
    queue.clear();
    await end("a");
    expect(started).toEqual(["a"]);
    expect(offer("d")).toBe(true);
    expect(started).toEqual(["a", "d"]);
  });

  test("lets a task offer another one", async () => {
    const queue = new WorkQueue({ maxRunning: 1, maxWaiting: 1, maxWaitingBytes: 1 });
    const started: string[] = [];
    const inner = async (): Promise<void> => void started.push("inner");
    const outer = async (): Promise<void> => {
      started.push("outer");
      queue.offer({ run: inner, bytes: 1 });
      await promisesSettled();
      started.push("outer's end");
    };
    queue.offer({ run: outer, bytes: 1 });
    await promisesSettled();
    await promisesSettled();
    expect(started).toEqual(["outer", "outer's end", "inner"]);
  });

  test("keeps order and bounds, and starts all it accepted, whatever happens", async () => {
    const anyRun = fc.record({
      maxRunning: fc.integer({ min: 1, max: 4 }),
      maxWaiting: fc.nat(4),
      steps: fc.array(fc.oneof(fc.constant("offer" as const), fc.nat(3)), { maxLength: 40 }),
    });
    await fc.assert(
      fc.asyncProperty(anyRun, async ({ maxRunning, maxWaiting, steps }) => {
        const { offer, end, started, ends } = scene(maxRunning, maxWaiting);
        const accepted: string[] = [];
        for (const [index, step] of steps.entries()) {
          if (step === "offer") {
            const isFull =
              ends.size === maxRunning && accepted.length - started.length === maxWaiting;
            const isAccepted = offer(String(index));
            expect(isAccepted).toBe(!isFull);
            if (isAccepted) accepted.push(String(index));
          } else {
            const running = [...ends.keys()];
            const name = running[step % Math.max(1, running.length)];
            if (name !== undefined) await end(name);
          }
          expect(ends.size).toBeLessThanOrEqual(maxRunning);
          expect(started).toEqual(accepted.slice(0, started.length));
        }
        for (let name = [...ends.keys()][0]; name !== undefined; name = [...ends.keys()][0]) {
          await end(name);
        }
        expect(started).toEqual(accepted);
      }),
      { numRuns: 50 },
    );
  });
});
