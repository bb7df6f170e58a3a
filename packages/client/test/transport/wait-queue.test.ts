import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { WaitQueue } from "../../src/transport/wait-queue.ts";

const anyStep = fc.oneof(
  fc.record({ kind: fc.constant("add" as const) }),
  fc.record({ kind: fc.constant("shift" as const) }),
  fc.record({ kind: fc.constant("leave" as const), place: fc.nat(20) }),
);

describe("WaitQueue", () => {
  property.prop([fc.array(anyStep, { maxLength: 60 })])(
    "gives what has not left in the order in which it came, whatever happens",
    (steps) => {
      const queue = new WaitQueue<number>();
      const leave: (() => void)[] = [];
      let expected: readonly number[] = [];
      for (const step of steps) {
        if (step.kind === "add") {
          expected = [...expected, leave.length];
          leave.push(queue.add(leave.length));
        } else if (step.kind === "shift") {
          expect(queue.shift()).toBe(expected[0]);
          expected = expected.slice(1);
        } else {
          leave[step.place]?.();
          expected = expected.filter((entry) => entry !== step.place);
        }
        expect(queue.size).toBe(expected.length);
      }
    },
  );

  test("costs no more for each of 60,000, however they leave", () => {
    const queue = new WaitQueue<number>();
    const leave = Array.from({ length: 60_000 }, (_, number) => queue.add(number));
    const start = performance.now();
    for (let at = 0; at < 40_000; at += 1) if (at % 2 === 0) leave[at]?.();
    while (queue.shift() !== undefined);
    expect(queue.size).toBe(0);
    // It takes about 20 ms, and would take minutes where every step passed by those before it.
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});
