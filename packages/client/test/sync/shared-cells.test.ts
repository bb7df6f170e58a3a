import { expect, test } from "vitest";
import type { ClientState } from "../../src/index.ts";
import { SharedCells, Wakeup } from "../../src/sync/shared-cells.ts";

const bothWakeups = (): readonly [Wakeup, Wakeup] => {
  const caller = new Wakeup();
  return [caller, new Wakeup(caller.buffer)];
};

/** Both sides of the same cells. */
const bothSides = (): readonly [SharedCells, SharedCells] => {
  const caller = new SharedCells();
  return [caller, new SharedCells(caller.buffer)];
};

test("a thread does not park where the worker was woken since", () => {
  const [caller, worker] = bothWakeups();
  const seen = caller.count;
  worker.wake();
  expect(caller.park(seen, 60_000)).toBe(true);
});

test("a thread parks no longer than it wants to", () => {
  const [caller] = bothWakeups();
  const startedAt = performance.now();
  expect(caller.park(caller.count, 30)).toBe(false);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(29);
});

test("wakeups are counted on both sides, across the end of 32 bits", () => {
  const [caller, worker] = bothWakeups();
  new Int32Array(caller.buffer).fill(2 ** 31 - 1);
  const seen = caller.count;
  worker.wake();
  expect(caller.count).not.toBe(seen);
  expect(worker.count).toBe(caller.count);
});

test("a worker shows that it lives", () => {
  const [caller, worker] = bothSides();
  const { heartbeats } = caller;
  worker.beat();
  expect(caller.heartbeats).not.toBe(heartbeats);
});

test("the end of a worker is seen", () => {
  const [caller, worker] = bothSides();
  expect(caller.hasEnded).toBe(false);
  worker.end();
  expect(caller.hasEnded).toBe(true);
});

test.each<ClientState>(["idle", "connecting", "online", "reconnecting", "closed"])(
  "the state %s is seen on both sides",
  (state) => {
    const [caller, worker] = bothSides();
    worker.state = state;
    expect(caller.state).toBe(state);
  },
);

test("a new client is idle", () => {
  expect(bothSides()[0].state).toBe("idle");
});

test("log entries that were taken are counted on both sides", () => {
  const [caller, worker] = bothSides();
  caller.noteLogTaken();
  caller.noteLogTaken();
  expect(worker.logsTaken).toBe(2);
});

test.each([
  [false, false],
  [true, false],
  [false, true],
  [true, true],
])("which handlers there are is seen on both sides: %s, %s", (hasIncoming, hasOutgoing) => {
  const [caller, worker] = bothSides();
  caller.handlers = { hasIncoming, hasOutgoing };
  expect(worker.handlers).toEqual({ hasIncoming, hasOutgoing });
});
