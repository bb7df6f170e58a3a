import { expect, test } from "vitest";
import type { ClientState } from "../../src/index.ts";
import { SharedCells } from "../../src/sync/shared-cells.ts";

/** Both sides of the same cells. */
const bothSides = (): readonly [SharedCells, SharedCells] => {
  const caller = new SharedCells();
  return [caller, new SharedCells(caller.buffer)];
};

test("a thread does not park where the worker has rung since", () => {
  const [caller, worker] = bothSides();
  const seen = caller.rings;
  worker.ring();
  expect(caller.park(seen, 60_000)).toBe(true);
});

test("a thread parks no longer than it wants to", () => {
  const [caller] = bothSides();
  const startedAt = performance.now();
  expect(caller.park(caller.rings, 30)).toBe(false);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(29);
});

test("rings are counted on both sides, across the end of 32 bits", () => {
  const [caller, worker] = bothSides();
  new Int32Array(caller.buffer).fill(2 ** 31 - 1);
  const seen = caller.rings;
  worker.ring();
  expect(caller.rings).not.toBe(seen);
  expect(worker.rings).toBe(caller.rings);
});

test("a worker shows that it lives", () => {
  const [caller, worker] = bothSides();
  const { beats } = caller;
  worker.beat();
  expect(caller.beats).not.toBe(beats);
});

test("the end of a worker is seen, and rings", () => {
  const [caller, worker] = bothSides();
  expect(caller.hasEnded).toBe(false);
  const seen = caller.rings;
  worker.end();
  expect(caller.hasEnded).toBe(true);
  expect(caller.park(seen, 60_000)).toBe(true);
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
