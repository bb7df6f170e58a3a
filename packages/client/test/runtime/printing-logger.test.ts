import { describe, expect, test, vi } from "vitest";
import { createPrintingLogger } from "../../src/runtime/printing-logger.ts";

/** A logger of this level, and what it prints. */
const scene = (level: "error" | "warn" | "info" | "debug") => {
  const printed: string[] = [];
  const logger = createPrintingLogger(level, (text) => void printed.push(text));
  return { logger, printed };
};

describe("a printing logger", () => {
  test.each([
    ["error", ["error"]],
    ["warn", ["warn", "error"]],
    ["info", ["info", "warn", "error"]],
    ["debug", ["debug", "info", "warn", "error"]],
  ] as const)("of level %s prints %j and nothing quieter", (level, told) => {
    const { logger, printed } = scene(level);
    for (const each of ["trace", "debug", "info", "warn", "error"] as const) logger[each]({}, "x");
    expect(printed).toEqual(told.map((each) => `gf-mqtt-client ${each}: x`));
  });

  test("prints the fields behind the sentence, those that are undefined left out", () => {
    const { logger, printed } = scene("info");
    logger.info({ topic: "a/b", bytes: 5, at: ["header"], gone: undefined }, "dropped it");
    expect(printed).toEqual([
      'gf-mqtt-client info: dropped it (topic: a/b, bytes: 5, at: ["header"])',
    ]);
  });

  test("prints where an error happened, when that is the matter", () => {
    const { logger, printed } = scene("warn");
    const error = new TypeError("no gain");
    logger.warn({ error }, "odd");
    logger.error({ error }, "a handler threw");
    expect(printed).toEqual([
      "gf-mqtt-client warn: odd (error: no gain)",
      `gf-mqtt-client error: a handler threw (error: no gain)\n${String(error.stack)}`,
    ]);
  });

  test("keeps to one short line whatever the fields hold", () => {
    const { logger, printed } = scene("info");
    logger.info({ topic: "a\nb\u001b[31m", text: "x".repeat(500), f: () => 1 }, "x");
    expect(printed[0]).toMatch(
      /^gf-mqtt-client info: x \(topic: a b \[31m, text: x{200}…, f: .*\)$/,
    );
  });

  test("prints to stderr where there is one, else to the console", () => {
    const error = vi.fn();
    vi.stubGlobal("process", undefined);
    vi.stubGlobal("console", { error });
    createPrintingLogger("error").error({}, "x");
    expect(error).toHaveBeenCalledWith("gf-mqtt-client error: x");
    vi.unstubAllGlobals();
  });
});
