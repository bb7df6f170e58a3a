import { EventEmitter } from "node:events";
import * as files from "node:fs";
import * as threads from "node:worker_threads";
import type { MessagePort, WorkerOptions } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import { WorkerLostError } from "../../src/index.ts";
import { Caller } from "../../src/sync/caller.ts";
import { ClientThread } from "../../src/sync/client-thread.ts";
import type { Ask, ToCaller } from "../../src/sync/messages.ts";
import { pack, unpack } from "../../src/sync/serialized.ts";
import { SharedCells } from "../../src/sync/shared-cells.ts";
import { Arrivals } from "../contract/arrivals.ts";
import { errorOf } from "./thrown-by.ts";

const ONCE = { operation: "request", timeoutMs: 5_000, isServing: true } as const;

/** What the worker's side has; no worker runs. */
interface Scene extends Disposable {
  readonly caller: Caller;
  readonly thread: ClientThread;
  readonly cells: SharedCells;
  /** Says something as the worker would, but for the ring. */
  readonly say: (message: ToCaller) => void;
  /** The topics of the messages that were handled. */
  readonly handled: Arrivals<string>;
}

const scene = (handle: (topic: string, scene: Scene) => void = () => undefined): Scene => {
  const started: { port?: MessagePort; buffer?: SharedArrayBuffer } = {};
  class NoWorker extends EventEmitter {
    constructor(_url: URL, options: WorkerOptions) {
      super();
      Object.assign(started, options.workerData);
    }
    unref(): void {}
    async terminate(): Promise<number> {
      return 0;
    }
  }
  // As much of it as a thread asks for.
  const modules = { files, threads: { ...threads, Worker: NoWorker as never } };
  const handled = new Arrivals<string>("a message");
  const answer = (ask: Ask) => {
    if (ask.kind !== "general") throw new Error(`nobody asks for ${ask.kind} here`);
    handled.push(ask.topic);
    handle(ask.topic, all);
    return { kind: "done", isHandled: true } as const;
  };
  const caller = new Caller("mqtt://broker", {
    answer,
    onState: () => undefined,
    onLog: () => undefined,
    onLateResult: () => undefined,
    onFatal: (thread, { error }) => {
      thread.fail(
        "it threw",
        unpack(error, () => undefined),
      );
    },
  });
  const thread = new ClientThread({} as never, {
    modules,
    spinMs: 0,
    onMessage: (message) => caller.takeIdly(thread, message),
    onEnd: () => undefined,
  });
  caller.use(thread);
  const { port, buffer } = started;
  if (port === undefined) throw new Error("no worker was started");
  const all: Scene = {
    caller,
    thread,
    cells: new SharedCells(buffer),
    say: (message) => {
      port.postMessage(message);
    },
    handled,
    [Symbol.dispose]: () => {
      thread.end();
    },
  };
  return all;
};

const general = (id: number, topic: string): ToCaller => ({
  type: "ask",
  id,
  ask: { kind: "general", topic, text: "{}" },
});

const error = pack(new RangeError("the worker is broken"));

describe("a worker that has ended before anybody looks", () => {
  test("is lost, with the error that it told of last", async () => {
    using at = scene();
    at.say({ type: "fatal", error });
    at.cells.end();
    const lost = errorOf(() => at.caller.park(at.thread, () => false, ONCE));
    expect(lost).toBeInstanceOf(WorkerLostError);
    expect(lost.message).toContain("it threw");
    expect(lost.cause).toBeInstanceOf(RangeError);
  });

  test("is lost without a cause where it told of none", async () => {
    using at = scene();
    at.cells.end();
    const lost = errorOf(() => at.caller.park(at.thread, () => false, ONCE));
    expect(lost.message).toContain("it ended");
    expect(lost.cause).toBeUndefined();
  });

  test("is not lost for a call that it has answered", async () => {
    using at = scene();
    at.say(general(1, "the last"));
    at.cells.end();
    at.caller.park(at.thread, () => at.handled.all.length === 1, ONCE);
    expect(at.handled.all).toEqual(["the last"]);
  });
});

describe("messages that a call has received and not handled", () => {
  test("are handled from the event loop", async () => {
    using at = scene();
    for (const [id, topic] of ["a", "b", "c"].entries()) at.say(general(id, topic));
    at.caller.park(at.thread, () => at.handled.all.length === 1, ONCE);
    expect(at.handled.all).toEqual(["a"]);
    expect(await at.handled.take(3)).toEqual(["a", "b", "c"]);
  });

  test("wait for the handler that the call was made in, where the call needs none", async () => {
    const seen: (readonly string[])[] = [];
    using at = scene((topic, { caller, thread, handled }) => {
      if (topic !== "a") return;
      caller.park(thread, () => false, { ...ONCE, isServing: false, timeoutMs: 0 });
      seen.push([...handled.all]);
      caller.park(thread, () => handled.all.length === 3, { ...ONCE, isServing: false });
      seen.push([...handled.all]);
    });
    for (const [id, topic] of ["a", "b", "c"].entries()) at.say(general(id, topic));
    at.caller.park(at.thread, () => seen.length === 2, ONCE);
    // Not without end: what it waits for may take one of them.
    expect(seen).toEqual([["a"], ["a", "b", "c"]]);
  });

  test("are forgotten with the thread that they came from", async () => {
    using at = scene();
    for (const [id, topic] of ["a", "b"].entries()) at.say(general(id, topic));
    at.caller.park(at.thread, () => at.handled.all.length === 1, ONCE);
    at.caller.use(undefined);
    await new Promise((resolve) => setImmediate(resolve));
    expect(at.handled.all).toEqual(["a"]);
  });
});
