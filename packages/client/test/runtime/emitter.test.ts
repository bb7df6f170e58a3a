import { describe, expect, test, vi } from "vitest";
import { Emitter } from "../../src/runtime/emitter.ts";
import { recordingLogger } from "./recording-logger.ts";

interface Events {
  readonly state: readonly [next: string, previous: string];
  readonly end: readonly [];
}

const emitter = (): Emitter<Events> => new Emitter<Events>(undefined);

describe("Emitter", () => {
  test("calls every listener of the event with its arguments, in the order of their addition", () => {
    const events = emitter();
    const calls: unknown[] = [];
    events.on("state", (...args) => calls.push(["first", ...args]));
    events.on("state", (...args) => calls.push(["second", ...args]));
    events.emit("state", "online", "connecting");
    expect(calls).toEqual([
      ["first", "online", "connecting"],
      ["second", "online", "connecting"],
    ]);
  });

  test("calls nobody else's listeners", () => {
    const events = emitter();
    const listener = vi.fn();
    events.on("state", listener);
    events.emit("end");
    expect(listener).not.toHaveBeenCalled();
  });

  test("the function that on() returned removes the listener", () => {
    const events = emitter();
    const listener = vi.fn();
    const remove = events.on("end", listener);
    remove();
    remove();
    events.emit("end");
    expect(listener).not.toHaveBeenCalled();
  });

  test("off() removes the listener, and takes one that was never added", () => {
    const events = emitter();
    const listener = vi.fn();
    events.off("end", listener);
    events.on("end", listener);
    events.off("end", listener);
    events.emit("end");
    expect(listener).not.toHaveBeenCalled();
  });

  test("a listener added twice is called once", () => {
    const events = emitter();
    const listener = vi.fn();
    events.on("end", listener);
    events.on("end", listener);
    events.emit("end");
    expect(listener).toHaveBeenCalledOnce();
  });

  test("a listener that throws is logged and disturbs neither the others nor the emitter", () => {
    const { logger, entries } = recordingLogger();
    const events = new Emitter<Events>(logger);
    const error = new Error("broken listener");
    const second = vi.fn();
    events.on("end", () => {
      throw error;
    });
    events.on("end", second);
    expect(() => events.emit("end")).not.toThrow();
    expect(second).toHaveBeenCalledOnce();
    expect(entries).toEqual([
      { level: "error", message: "an event listener threw", fields: { event: "end", error } },
    ]);
  });

  test("a listener added or removed by a listener counts from the next event on", () => {
    const events = emitter();
    const late = vi.fn();
    const removed = vi.fn();
    events.on("end", () => {
      events.on("end", late);
      events.off("end", removed);
    });
    events.on("end", removed);
    events.emit("end");
    expect([late, removed].map((listener) => listener.mock.calls.length)).toEqual([0, 1]);
    events.emit("end");
    expect([late, removed].map((listener) => listener.mock.calls.length)).toEqual([1, 1]);
  });

  test("tells every listener in order what a listener sets off", () => {
    const events = emitter();
    const heard: string[] = [];
    events.on("state", (next) => {
      if (next === "online") events.emit("state", "closed", "online");
      heard.push(`first ${next}`);
    });
    events.on("state", (next) => heard.push(`second ${next}`));
    events.emit("state", "online", "connecting");
    expect(heard).toEqual(["first online", "second online", "first closed", "second closed"]);
  });
});
