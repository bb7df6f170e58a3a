import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InFlightWindow } from "../../src/transport/in-flight-window.ts";

describe("InFlightWindow", () => {
  test("sends at once while there is room, and in order afterwards", () => {
    const window = new InFlightWindow(2);
    const sent: string[] = [];
    for (const name of ["a", "b", "c", "d"]) window.enter(() => void sent.push(name));
    expect(sent).toEqual(["a", "b"]);
    window.release();
    expect(sent).toEqual(["a", "b", "c"]);
    window.release();
    expect(sent).toEqual(["a", "b", "c", "d"]);
  });

  test("has room again once everything is acknowledged", () => {
    const window = new InFlightWindow(1);
    const sent: string[] = [];
    window.enter(() => void sent.push("a"));
    window.release();
    window.enter(() => void sent.push("b"));
    window.enter(() => void sent.push("c"));
    expect(sent).toEqual(["a", "b"]);
  });

  test("sends on when a publish is acknowledged while it is sent", () => {
    const window = new InFlightWindow(1);
    const sent: string[] = [];
    for (const name of ["a", "b", "c"]) {
      window.enter(() => {
        sent.push(name);
        window.release();
      });
    }
    expect(sent).toEqual(["a", "b", "c"]);
  });

  test("keeps within its size and in order, and forgets none, whatever happens", () => {
    const anyRun = fc.record({
      size: fc.integer({ min: 1, max: 5 }),
      steps: fc.array(fc.constantFrom("enter", "release"), { maxLength: 60 }),
    });
    fc.assert(
      fc.property(anyRun, ({ size, steps }) => {
        const window = new InFlightWindow(size);
        const sent: number[] = [];
        let entered = 0;
        let released = 0;
        for (const step of steps) {
          if (step === "enter") {
            const number = entered;
            entered += 1;
            window.enter(() => void sent.push(number));
          } else if (released < sent.length) {
            released += 1;
            window.release();
          }
          expect(sent.length).toBe(Math.min(entered, released + size));
        }
        expect(sent).toEqual(sent.map((_, index) => index));
      }),
    );
  });
});
