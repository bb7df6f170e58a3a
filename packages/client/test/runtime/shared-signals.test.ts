import { describe, expect, test, vi } from "vitest";
import { SharedSignals } from "../../src/runtime/shared-signals.ts";
import type { AbortSource } from "../../src/runtime/shared-signals.ts";

interface Watched {
  readonly controller: AbortController;
  readonly shared: AbortSource;
  /** Listeners that the signal itself has. */
  listenerCount(): number;
}

/** A signal, shared, with an eye on its own listeners. */
const watchedSignal = (): Watched => {
  const controller = new AbortController();
  const { signal } = controller;
  const added = vi.spyOn(signal, "addEventListener");
  const removed = vi.spyOn(signal, "removeEventListener");
  return {
    controller,
    shared: new SharedSignals().of(signal),
    listenerCount: () => added.mock.calls.length - removed.mock.calls.length,
  };
};

describe("a signal that many share", () => {
  test("is one and the same for each of them", () => {
    const signals = new SharedSignals();
    const { signal } = new AbortController();
    expect(signals.of(signal)).toBe(signals.of(signal));
  });

  test("is another one for another signal", () => {
    const signals = new SharedSignals();
    expect(signals.of(new AbortController().signal)).not.toBe(
      signals.of(new AbortController().signal),
    );
  });

  test("has no listener before somebody listens", () => {
    expect(watchedSignal().listenerCount()).toBe(0);
  });

  test("has one listener, however many listen", () => {
    const { shared, listenerCount } = watchedSignal();
    for (let count = 0; count < 100; count += 1) shared.addEventListener("abort", () => {});
    expect(listenerCount()).toBe(1);
  });

  test("has one as long as one still listens, and none after the last", () => {
    const { shared, listenerCount } = watchedSignal();
    const [first, second] = [vi.fn(), vi.fn()];
    shared.addEventListener("abort", first);
    shared.addEventListener("abort", second);
    shared.removeEventListener("abort", first);
    expect(listenerCount()).toBe(1);
    shared.removeEventListener("abort", second);
    expect(listenerCount()).toBe(0);
  });

  test("can be listened to again after the last one left", () => {
    const { controller, shared, listenerCount } = watchedSignal();
    const listener = vi.fn();
    shared.addEventListener("abort", listener);
    shared.removeEventListener("abort", listener);
    shared.addEventListener("abort", listener);
    expect(listenerCount()).toBe(1);
    controller.abort();
    expect(listener).toHaveBeenCalledTimes(1);
  });

  test("calls functions and objects that handle events, in the order in which they came", () => {
    const { controller, shared } = watchedSignal();
    const called: string[] = [];
    shared.addEventListener("abort", () => called.push("function"));
    shared.addEventListener("abort", { handleEvent: () => called.push("object") });
    shared.addEventListener("abort", () => called.push("another function"));
    controller.abort();
    expect(called).toEqual(["function", "object", "another function"]);
  });

  test("calls an object's method on the object", () => {
    const { controller, shared } = watchedSignal();
    const listener = {
      isCalled: false,
      handleEvent(): void {
        this.isCalled = true;
      },
    };
    shared.addEventListener("abort", listener);
    controller.abort();
    expect(listener.isCalled).toBe(true);
  });

  test("calls a listener that was added twice once", () => {
    const { controller, shared } = watchedSignal();
    const listener = vi.fn();
    shared.addEventListener("abort", listener);
    shared.addEventListener("abort", listener);
    controller.abort();
    expect(listener).toHaveBeenCalledTimes(1);
  });

  test("calls nobody who left", () => {
    const { controller, shared } = watchedSignal();
    const [left, stayed] = [vi.fn(), vi.fn()];
    shared.addEventListener("abort", left);
    shared.addEventListener("abort", stayed);
    shared.removeEventListener("abort", left);
    controller.abort();
    expect([left.mock.calls.length, stayed.mock.calls.length]).toEqual([0, 1]);
  });

  test("calls everybody even where listeners leave while it does", () => {
    const { controller, shared } = watchedSignal();
    const called: number[] = [];
    const listeners = [0, 1, 2].map((number) => () => {
      called.push(number);
      for (const listener of listeners) shared.removeEventListener("abort", listener);
    });
    for (const listener of listeners) shared.addEventListener("abort", listener);
    controller.abort();
    expect(called).toEqual([0, 1, 2]);
  });

  test("is left alone by whoever stops without having listened", () => {
    const { controller, shared } = watchedSignal();
    const [listener, stranger] = [vi.fn(), vi.fn()];
    shared.addEventListener("abort", listener);
    shared.removeEventListener("abort", stranger);
    controller.abort();
    expect(listener).toHaveBeenCalledTimes(1);
  });
});

describe("a shared signal tells", () => {
  test("that it has not been aborted", () => {
    const { shared } = watchedSignal();
    expect(shared.aborted).toBe(false);
    expect(() => shared.throwIfAborted()).not.toThrow();
  });

  test("that it has been, and the reason as it was given", () => {
    const { controller, shared } = watchedSignal();
    const reason = { why: "enough" };
    controller.abort(reason);
    expect(shared.aborted).toBe(true);
    expect(shared.reason).toBe(reason);
    expect(() => shared.throwIfAborted()).toThrow(expect.objectContaining(reason));
  });
});
