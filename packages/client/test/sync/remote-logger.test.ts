import { expect, test } from "vitest";
import type { ToCaller } from "../../src/sync/messages.ts";
import { unpack } from "../../src/sync/serialized.ts";
import { createRemoteLogger } from "../../src/sync/remote-logger.ts";
import { SharedCells } from "../../src/sync/shared-cells.ts";
import type { Logger } from "../../src/index.ts";

/** So many entries may wait. */
const MOST = 1_000;

interface Scene {
  readonly logger: Logger;
  /** What is on its way, as level, text and fields. */
  readonly posted: (readonly [level: string, text: string, fields: unknown])[];
  /** Takes as many entries as that out of the channel. */
  readonly take: (count: number) => void;
}

const scene = (takenBefore = 0): Scene => {
  const cells = new SharedCells();
  new Int32Array(cells.buffer).fill(takenBefore);
  const posted: Scene["posted"] = [];
  const post = (message: ToCaller): void => {
    if (!("type" in message) || message.type !== "log") throw new Error("this is no log entry");
    const { level, text, fields } = message;
    posted.push([level, text, unpack(structuredClone(fields), () => undefined)]);
  };
  return {
    logger: createRemoteLogger({ cells, post, level: "debug" }),
    posted,
    take: (count) => {
      for (let taken = 0; taken < count; taken += 1) cells.noteLogTaken();
    },
  };
};

const write = (logger: Logger, count: number): void => {
  for (let index = 0; index < count; index += 1) logger.debug({ index }, "an entry");
};

test("entries are posted with their level, text and fields", () => {
  const { logger, posted } = scene();
  const error = new RangeError("too far");
  logger.trace({ topic: "a/b" }, "trace it");
  logger.debug({}, "debug it");
  logger.info({ count: 1 }, "inform of it");
  logger.warn({ error }, "warn of it");
  logger.error({ error: undefined }, "fail with it");
  expect(posted).toEqual([
    ["trace", "trace it", { topic: "a/b" }],
    ["debug", "debug it", {}],
    ["info", "inform of it", { count: 1 }],
    ["warn", "warn of it", { error }],
    ["error", "fail with it", { error: undefined }],
  ]);
});

test("beyond a bound, entries are dropped", () => {
  const { logger, posted } = scene();
  write(logger, MOST + 5);
  expect(posted).toHaveLength(MOST);
  expect(posted.at(-1)?.[2]).toEqual({ index: MOST - 1 });
});

test("when there is room again, the first entry comes after the number of those that were dropped", () => {
  const { logger, posted, take } = scene();
  write(logger, MOST + 5);
  take(10);
  logger.info({}, "after");
  logger.info({}, "after that");
  expect(posted.slice(MOST)).toEqual([
    ["warn", "log entries were dropped: too many waited", { dropped: 5 }],
    ["info", "after", {}],
    ["info", "after that", {}],
  ]);
});

test("dropped entries are counted anew each time", () => {
  const { logger, posted, take } = scene();
  write(logger, MOST + 5);
  take(MOST);
  write(logger, MOST + 6);
  take(2 * MOST);
  logger.info({}, "after");
  const notices = posted.filter(([level]) => level === "warn").map(([, , fields]) => fields);
  // One of the second lot had to give way to the notice of the first.
  expect(notices).toEqual([{ dropped: 5 }, { dropped: 7 }]);
});

test("the bound holds across the end of 32 bits, and so does what is taken in time", () => {
  const { logger, posted, take } = scene(2 ** 31 - 10);
  for (let round = 0; round < 3; round += 1) {
    write(logger, MOST);
    take(MOST);
  }
  expect(posted).toHaveLength(3 * MOST);
  write(logger, MOST + 5);
  expect(posted).toHaveLength(4 * MOST);
});
