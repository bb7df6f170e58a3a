import { expect, test } from "vitest";
import { callingThread } from "../../src/sync/calling-thread.ts";
import type { ServedWorker } from "../../src/sync/calling-thread.ts";

test("what a worker said before it ended counts, though it ends while the thread looks", () => {
  let looks = 0;
  const worker: ServedWorker = {
    // It speaks and ends right after the thread has looked in vain.
    get fault() {
      return looks === 0 ? undefined : { why: "it ended" };
    },
    hasBacklog: false,
    spinMs: 0,
    receiveNext: () => {
      looks += 1;
      if (looks === 1) callingThread.wakeup.wake();
      return looks === 2;
    },
    serveNext: () => {},
    feelPulse: () => {},
  };
  const isOver = (): boolean => looks >= 2;
  expect(callingThread.park({ worker, isOver, timeoutMs: 5_000, isServing: false })).toBe(true);
});
