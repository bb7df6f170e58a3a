import { describe, expect, test } from "vitest";
import { guardLogger, isLogger } from "../../src/runtime/logger.ts";
import { recordingLogger } from "./recording-logger.ts";

const LEVELS = ["trace", "debug", "info", "warn", "error"] as const;

describe("isLogger", () => {
  test("takes an object with the five methods, and more", () => {
    expect(isLogger({ ...recordingLogger().logger, fatal: () => {} })).toBe(true);
  });

  test("takes the console", () => {
    expect(isLogger(globalThis.console)).toBe(true);
  });

  test.each(LEVELS)("refuses one without %s", (level) => {
    expect(isLogger({ ...recordingLogger().logger, [level]: undefined })).toBe(false);
  });

  test.each([undefined, null, 5, "logger", [], () => {}])("refuses %s", (value) => {
    expect(isLogger(value)).toBe(false);
  });
});

describe("guardLogger", () => {
  test.each(LEVELS)("passes %s on, with fields and message", (level) => {
    const { logger, entries } = recordingLogger();
    guardLogger(logger)[level]({ topic: "a/b" }, "something happened");
    expect(entries).toEqual([{ level, message: "something happened", fields: { topic: "a/b" } }]);
  });

  test.each(LEVELS)("keeps to itself what %s throws", (level) => {
    const broken = () => {
      throw new Error("the disk is full");
    };
    const logger = { trace: broken, debug: broken, info: broken, warn: broken, error: broken };
    expect(() => guardLogger(logger)[level]({}, "something happened")).not.toThrow();
  });

  test("calls the methods on the logger that they belong to", () => {
    const messages: string[] = [];
    const { logger } = recordingLogger();
    const stateful = {
      ...logger,
      prefix: "app: ",
      info(_fields: object, message: string): void {
        messages.push(this.prefix + message);
      },
    };
    guardLogger(stateful).info({}, "hello");
    expect(messages).toEqual(["app: hello"]);
  });
});
