import { expect, test, vi } from "vitest";
import { WaitSet } from "../../src/runtime/wait-set.ts";

const wait = () => ({ resolve: vi.fn(), reject: vi.fn() });

test("one event ends all waits, each once", () => {
  const waits = new WaitSet<number>();
  const [first, second] = [wait(), wait()];
  waits.add(first);
  waits.add(second);
  waits.resolveAll(1);
  waits.resolveAll(2);
  waits.rejectAll(() => new Error("closed"));
  for (const { resolve, reject } of [first, second]) {
    expect(resolve.mock.calls).toEqual([[1]]);
    expect(reject).not.toHaveBeenCalled();
  }
});

test("a wait that was taken out is not ended", () => {
  const waits = new WaitSet<number>();
  const one = wait();
  waits.add(one)();
  waits.resolveAll(1);
  expect(one.resolve).not.toHaveBeenCalled();
});

test("every wait gets an error of its own", () => {
  const waits = new WaitSet<number>();
  const [first, second] = [wait(), wait()];
  waits.add(first);
  waits.add(second);
  waits.rejectAll(() => new Error("closed"));
  expect(first.reject.mock.calls[0]).toEqual([new Error("closed")]);
  expect(first.reject.mock.calls[0]?.[0]).not.toBe(second.reject.mock.calls[0]?.[0]);
});

test("a wait that the end of another starts belongs to the next event", () => {
  const waits = new WaitSet<number>();
  const later = wait();
  waits.add({ ...wait(), resolve: () => void waits.add(later) });
  waits.resolveAll(1);
  expect(later.resolve).not.toHaveBeenCalled();
  waits.resolveAll(2);
  expect(later.resolve).toHaveBeenCalledWith(2);
});
