import { expect, test } from "vitest";

import { nextDue, pauseUntil } from "../../src/requests/pause.ts";

test("what comes again and again does so at even distances, however long each takes", () => {
  expect(nextDue({ due: 1_000, every: 100 }, 1_040)).toBe(1_100);
});

test("what was missed is not made up for: one comes at once, then the next in time", () => {
  const late = nextDue({ due: 1_000, every: 100 }, 3_000);
  expect(late).toBe(3_000);
  expect(nextDue({ due: late, every: 100 }, 3_001)).toBe(3_100);
});

test("a pause ends when the command is stopped", async () => {
  const reason = new Error("stopped");
  await expect(pauseUntil(Infinity, AbortSignal.abort(reason))).rejects.toBe(reason);
});
