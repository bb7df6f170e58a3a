import { EventEmitter } from "node:events";
import * as files from "node:fs";
import * as threads from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import { WorkerLostError } from "../../src/index.ts";
import { ClientThread } from "../../src/sync/client-thread.ts";
import type { Ask, ToCaller, WorkerStart } from "../../src/sync/messages.ts";
import { pack, unpack } from "../../src/sync/serialized.ts";
import { SharedCells, Wakeup } from "../../src/sync/shared-cells.ts";
import { Arrivals } from "../contract/arrivals.ts";
import { errorOf } from "./thrown-by.ts";

const ONCE = { operation: "request", timeoutMs: 5_000, isServing: true } as const;

/** What the worker's side has; no worker runs. */
interface Scene extends Disposable {
  readonly thread: ClientThread;
  readonly cells: SharedCells;
  /** Says something as the worker would, without waking anybody. */
  readonly say: (message: ToCaller) => void;
  readonly end: () => void;
  /** The topics of the messages that were handled. */
  readonly handled: Arrivals<string>;
}

const scene = (handle: (topic: string, scene: Scene) => void = () => undefined): Scene => {
  const started: { start?: WorkerStart } = {};
  class NoWorker extends EventEmitter {
    postMessage(start: WorkerStart): void {
      started.start = start;
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
  const thread: ClientThread = new ClientThread({
    init: {} as never,
    handlers: { hasIncoming: true, hasOutgoing: false },
    broker: "mqtt://broker",
    modules,
    spinMs: 0,
    events: {
      answer,
      unanswerable: () => ({ kind: "done", isHandled: false }),
      onState: () => undefined,
      onLog: () => undefined,
      onLateResult: () => undefined,
      onEnd: () => undefined,
      onFatal: ({ error: fatal }) => {
        thread.fail(
          "it threw",
          unpack(fatal, () => undefined),
        );
      },
    },
  });
  const { start } = started;
  if (start === undefined) throw new Error("no worker was started");
  // What the thread has put there.
  const port = start.port as MessagePort;
  const cells = new SharedCells(start.cells);
  const all: Scene = {
    thread,
    cells,
    say: (message) => {
      port.postMessage(message);
    },
    end: () => {
      cells.end();
      new Wakeup(start.wakeup).wake();
    },
    handled,
    [Symbol.dispose]: () => {
      thread.end(false);
    },
  };
  return all;
};

const general = (id: number, topic: string): ToCaller => ({
  type: "ask",
  id,
  ask: { kind: "general", topic, payload: "{}" },
});

const error = pack(new RangeError("the worker is broken"));

describe("a worker that has ended before anybody looks", () => {
  test("is lost, with the error that it told of last", async () => {
    using at = scene();
    at.say({ type: "fatal", error });
    at.end();
    const lost = errorOf(() => at.thread.park(() => false, ONCE));
    expect(lost).toBeInstanceOf(WorkerLostError);
    expect(lost.message).toContain("it threw");
    expect(lost.cause).toBeInstanceOf(RangeError);
  });

  test("is lost without a cause where it told of none", async () => {
    using at = scene();
    at.end();
    const lost = errorOf(() => at.thread.park(() => false, ONCE));
    expect(lost.message).toContain("it ended");
    expect(lost.cause).toBeUndefined();
  });

  test("is not lost for a call that it has answered", async () => {
    using at = scene();
    at.say(general(1, "the last"));
    at.end();
    at.thread.park(() => at.handled.all.length === 1, ONCE);
    expect(at.handled.all).toEqual(["the last"]);
  });
});

describe("messages that a call has received and not handled", () => {
  test("are handled from the event loop", async () => {
    using at = scene();
    for (const [id, topic] of ["a", "b", "c"].entries()) at.say(general(id, topic));
    at.thread.park(() => at.handled.all.length === 1, ONCE);
    expect(at.handled.all).toEqual(["a"]);
    expect(await at.handled.take(3)).toEqual(["a", "b", "c"]);
  });

  test("wait for the handler that the call was made in, where the call needs none", async () => {
    const seen: (readonly string[])[] = [];
    using at = scene((topic, { thread, handled }) => {
      if (topic !== "a") return;
      thread.park(() => false, { ...ONCE, isServing: false, timeoutMs: 0 });
      seen.push([...handled.all]);
      thread.park(() => handled.all.length === 3, { ...ONCE, isServing: false });
      seen.push([...handled.all]);
    });
    for (const [id, topic] of ["a", "b", "c"].entries()) at.say(general(id, topic));
    at.thread.park(() => seen.length === 2, ONCE);
    // Not without end: what it waits for may take one of them.
    expect(seen).toEqual([["a"], ["a", "b", "c"]]);
  });

  test("are forgotten with the thread that they came from", async () => {
    using at = scene();
    for (const [id, topic] of ["a", "b"].entries()) at.say(general(id, topic));
    at.thread.park(() => at.handled.all.length === 1, ONCE);
    at.thread.end(false);
    await new Promise((resolve) => setImmediate(resolve));
    expect(at.handled.all).toEqual(["a"]);
  });
});
