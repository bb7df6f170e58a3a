import { describe, expect, test } from "vitest";
import { callDeadline, operationDeadline } from "../../../src/client/options/call-options.ts";
import { OptionError } from "../../../src/errors/input-errors.ts";
import { GatewayTimeoutResponse } from "../../../src/errors/error-responses.ts";
import { SharedSignals } from "../../../src/runtime/shared-signals.ts";
import { remainingMs, throwIfReached } from "../../../src/runtime/deadline.ts";
import { ManualClock } from "../../runtime/manual-clock.ts";

const settings = () => ({
  clock: new ManualClock(),
  signals: new SharedSignals(),
  timeoutMs: 5_000,
  identifier: "requester",
});

const timeoutError = (timeoutMs: number): Error => new Error(`after ${String(timeoutMs)} ms`);

describe("callDeadline", () => {
  test("counts the client's timeout from now", async () => {
    const client = settings();
    await client.clock.advance(1_234);
    expect(remainingMs(callDeadline(client, {}, timeoutError))).toBe(5_000);
  });

  test("counts the call's own timeout where it has one", () => {
    expect(remainingMs(callDeadline(settings(), { timeoutMs: 50 }, timeoutError))).toBe(50);
  });

  test("makes the error with the timeout that counted", () => {
    expect(callDeadline(settings(), { timeoutMs: 50 }, timeoutError).timeoutError()).toEqual(
      new Error("after 50 ms"),
    );
  });

  test("ends with the signal, which keeps its reason", () => {
    const controller = new AbortController();
    const limits = callDeadline(settings(), { signal: controller.signal }, timeoutError);
    expect(() => throwIfReached(limits)).not.toThrow();
    const reason = new Error("stopped");
    controller.abort(reason);
    expect(() => throwIfReached(limits)).toThrow(reason);
  });

  test("needs no signal", () => {
    expect(callDeadline(settings(), {}, timeoutError).signal).toBeUndefined();
  });

  test.each([
    ["timeoutMs", 0],
    ["timeoutMs", 1.5],
    ["timeoutMs", Infinity],
    ["timeoutMs", "50"],
    ["signal", {}],
    ["signal", null],
  ])("refuses %s %s", (option, value) => {
    expect(() =>
      Reflect.apply(callDeadline, undefined, [settings(), { [option]: value }, timeoutError]),
    ).toThrow(OptionError);
  });
});

describe("operationDeadline", () => {
  test("end in a GatewayTimeoutResponse that names the operation and the client", () => {
    const limits = operationDeadline(settings(), { timeoutMs: 50 }, "publish to a/b");
    const error = limits.timeoutError();
    expect(error).toBeInstanceOf(GatewayTimeoutResponse);
    expect(error).toMatchObject({
      detail: "could not publish to a/b within 50 ms",
      source: "requester",
    });
  });
});
