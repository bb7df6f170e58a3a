import { describe, expect, test, vi } from "vitest";
import { afterPromises } from "../../src/runtime/turn.ts";
import { promisesSettled } from "./manual-clock.ts";

/** Calls back from where a socket's events come: outside of any promise. */
const fromAnEvent = (action: () => void): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(() => {
      action();
      resolve();
    });
  });

/** Settles a promise that settles another, and so on, and has itself called back after these. */
const settleAndWait = (order: string[]): void => {
  afterPromises(() => order.push("called back"));
  void (async () => {
    for (const step of ["one", "two", "three"]) {
      await Promise.resolve();
      order.push(step);
    }
  })();
};

describe("afterPromises", () => {
  test("calls back when the promises have run, called from an event", async () => {
    const order: string[] = [];
    await fromAnEvent(() => {
      settleAndWait(order);
    });
    await promisesSettled();
    expect(order).toEqual(["one", "two", "three", "called back"]);
  });

  test("calls back when the promises have run, called from a promise", async () => {
    const order: string[] = [];
    await Promise.resolve();
    settleAndWait(order);
    await promisesSettled();
    expect(order).toEqual(["one", "two", "three", "called back"]);
  });

  test("calls back where there is no process, as in browsers", async () => {
    vi.stubGlobal("process", undefined);
    const order: string[] = [];
    await fromAnEvent(() => {
      void Promise.resolve().then(() => order.push("promise"));
      afterPromises(() => order.push("called back"));
    });
    await promisesSettled();
    expect(order).toEqual(["promise", "called back"]);
  });

  test("calls back within this turn of the event loop", async () => {
    const order: string[] = [];
    await fromAnEvent(() => {
      setImmediate(() => order.push("next turn"));
      afterPromises(() => order.push("called back"));
    });
    await promisesSettled();
    expect(order).toEqual(["called back", "next turn"]);
  });
});
