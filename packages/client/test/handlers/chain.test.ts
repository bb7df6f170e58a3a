import { describe, expect, test, vi } from "vitest";
import type { ChainRun } from "../../src/handlers/chain.ts";
import { rethrow, runAsync, walkChain } from "../../src/handlers/chain.ts";
import type { MessageHandlerOf } from "../../src/handlers/message-handler.ts";
import { PayloadValidationError } from "../../src/errors/input-errors.ts";
import type { Payload } from "../../src/protocol/payload.ts";
import { promisesSettled } from "../runtime/manual-clock.ts";

interface Client {
  readonly name: string;
}

type Handler = MessageHandlerOf<Client>;

const CLIENT: Client = { name: "client" };
const TOPIC = "a/b";
const BROKEN = new Error("broken handler");

const payload = (body: unknown = 0): Payload => ({ body, timestamp: 0 });

/** A handler that takes everything and changes nothing, unless told otherwise. */
const handler = (more: Partial<Handler> = {}): Handler => ({
  canHandle: () => true,
  handle: () => undefined,
  propagate: true,
  ...more,
});

const run = (handlers: readonly Handler[], more: Partial<ChainRun<Client, Payload>> = {}) => {
  const start = { client: CLIENT, topic: TOPIC, payload: payload(), onError: rethrow };
  return runAsync(walkChain(handlers, { ...start, ...more }));
};

/** A handler that gives back what a caller without types may give. */
const giving = (result: unknown): Handler =>
  handler({ handle: (() => result) as Handler["handle"] });

describe("a chain", () => {
  test("without handlers gives back the payload, unhandled", async () => {
    const message = payload();
    expect(await run([], { payload: message })).toEqual({
      payload: message,
      stopped: false,
      handled: false,
    });
  });

  test("runs its handlers in order, each with client, topic and payload", async () => {
    const calls: unknown[] = [];
    const noting = (name: string): Handler =>
      handler({ handle: (...args) => void calls.push([name, ...args]) });
    const message = payload();
    await run([noting("b"), noting("a")], { payload: message });
    expect(calls).toEqual([
      ["b", CLIENT, TOPIC, message],
      ["a", CLIENT, TOPIC, message],
    ]);
  });

  test("asks each handler whether it wants the message, and leaves out those that don't", async () => {
    const canHandle = vi.fn(() => false);
    const handle = vi.fn();
    const message = payload();
    const outcome = await run([handler({ canHandle, handle })], { payload: message });
    expect(canHandle).toHaveBeenCalledExactlyOnceWith(CLIENT, TOPIC, message);
    expect(handle).not.toHaveBeenCalled();
    expect(outcome.handled).toBe(false);
  });

  test("waits for a handler before it goes on", async () => {
    const calls: string[] = [];
    const slow: { finish?: () => void } = {};
    const running = run([
      handler({
        handle: () =>
          new Promise<void>((resolve) => {
            slow.finish = resolve;
          }),
      }),
      handler({ handle: () => void calls.push("second") }),
    ]);
    await promisesSettled();
    expect(calls).toEqual([]);
    slow.finish?.();
    expect(await running).toMatchObject({ handled: true, stopped: false });
    expect(calls).toEqual(["second"]);
  });

  test("stops after a handler that does not propagate", async () => {
    const second = vi.fn();
    const outcome = await run([handler({ propagate: false }), handler({ handle: second })]);
    expect(outcome).toMatchObject({ stopped: true, handled: true });
    expect(second).not.toHaveBeenCalled();
  });

  test("goes on after one that does not propagate and did not want the message", async () => {
    const second = vi.fn();
    const first = handler({ propagate: false, canHandle: () => false });
    const outcome = await run([first, handler({ handle: second })]);
    expect(outcome).toMatchObject({ stopped: false, handled: true });
    expect(second).toHaveBeenCalledOnce();
  });

  test("keeps to its list, whatever happens to the client's meanwhile", async () => {
    const late = vi.fn();
    const handlers: Handler[] = [];
    handlers.push(handler({ handle: () => void handlers.push(handler({ handle: late })) }));
    await run([...handlers]);
    expect(late).not.toHaveBeenCalled();
  });
});

describe("what a handler returns", () => {
  test("replaces the payload for the handlers after it, and for the caller", async () => {
    const replacement = payload("new");
    const canHandle = vi.fn(() => true);
    const outcome = await run([giving(replacement), handler({ canHandle })]);
    expect(canHandle).toHaveBeenCalledWith(CLIENT, TOPIC, replacement);
    expect(outcome.payload).toBe(replacement);
  });

  test("replaces the payload also when it is promised", async () => {
    const replacement = payload("new");
    const outcome = await run([giving(Promise.resolve(replacement))]);
    expect(outcome.payload).toBe(replacement);
  });

  test("replaces the payload also when the chain stops there", async () => {
    const replacement = payload("new");
    const outcome = await run([{ ...giving(replacement), propagate: false }]);
    expect(outcome).toEqual({ payload: replacement, stopped: true, handled: true });
  });

  test.each([undefined, null, Promise.resolve(undefined), Promise.resolve(null)])(
    "leaves the payload as it is when it is nothing: %s",
    async (nothing) => {
      const message = payload();
      const outcome = await run([giving(nothing)], { payload: message });
      expect(outcome.payload).toBe(message);
    },
  );

  test("counts as well when it was changed in place", async () => {
    const changing = handler({
      handle: (_client, _topic, message) => {
        message.body = "changed";
      },
    });
    expect((await run([changing])).payload.body).toBe("changed");
  });

  test.each([
    ["a number", 7],
    ["a text", "x"],
    ["true", true],
    ["an array", []],
    ["a function", () => 1],
  ])("is an error when it is %s", async (_kind, garbage) => {
    for (const result of [garbage, Promise.resolve(garbage)]) {
      await expect(run([giving(result)])).rejects.toBeInstanceOf(PayloadValidationError);
    }
  });
});

describe("an error in a chain", () => {
  const throwing: readonly (readonly [string, Partial<Handler>])[] = [
    [
      "thrown by handle",
      {
        handle: () => {
          throw BROKEN;
        },
      },
    ],
    ["that handle rejects with", { handle: () => Promise.reject(BROKEN) }],
    [
      "thrown by canHandle",
      {
        canHandle: () => {
          throw BROKEN;
        },
      },
    ],
  ];

  test.each(throwing)("%s ends it when onError throws", async (_how, broken) => {
    const second = vi.fn();
    await expect(run([handler(broken), handler({ handle: second })])).rejects.toBe(BROKEN);
    expect(second).not.toHaveBeenCalled();
  });

  test.each(throwing)(
    "%s is told, with the handler, and the chain goes on",
    async (_how, broken) => {
      const onError = vi.fn();
      const first = handler(broken);
      const second = vi.fn();
      const message = payload();
      const outcome = await run([first, handler({ handle: second })], {
        onError,
        payload: message,
      });
      expect(onError).toHaveBeenCalledExactlyOnceWith(BROKEN, first);
      expect(second).toHaveBeenCalledExactlyOnceWith(CLIENT, TOPIC, message);
      expect(outcome.payload).toBe(message);
    },
  );

  test("in a handler that does not propagate does not stop the chain", async () => {
    const second = vi.fn();
    const first = handler({ propagate: false, handle: () => Promise.reject(BROKEN) });
    const outcome = await run([first, handler({ handle: second })], { onError: () => {} });
    expect(second).toHaveBeenCalledOnce();
    expect(outcome.stopped).toBe(false);
  });

  test("that onError replaces is the one the caller gets", async () => {
    const other = new Error("in other words");
    const onError = () => {
      throw other;
    };
    await expect(
      run([handler({ handle: () => Promise.reject(BROKEN) })], { onError }),
    ).rejects.toBe(other);
  });
});

describe("what comes before a handler", () => {
  test("is told the handler and the payload as it is by then", async () => {
    const replacement = payload("new");
    const beforeHandler = vi.fn();
    const handlers = [giving(replacement), handler(), handler({ canHandle: () => false })];
    const message = payload();
    await run(handlers, { beforeHandler, payload: message });
    expect(beforeHandler.mock.calls).toEqual([
      [handlers[0], message],
      [handlers[1], replacement],
    ]);
  });

  test("keeps the handler from running when it throws, as the handler's own error", async () => {
    const handle = vi.fn();
    const onError = vi.fn();
    const beforeHandler = () => {
      throw BROKEN;
    };
    const only = handler({ handle });
    await run([only], { beforeHandler, onError });
    expect(handle).not.toHaveBeenCalled();
    expect(onError).toHaveBeenCalledExactlyOnceWith(BROKEN, only);
  });
});

describe("a handler that gives back an iterator", () => {
  const generator = function* () {
    yield 1;
  };
  const asyncGenerator = async function* () {
    yield 1;
  };

  test.each<readonly [string, () => unknown]>([
    ["a generator", generator],
    ["an async generator", asyncGenerator],
    ["an iterator of a list", () => [1].values()],
  ])("is one that threw: %s", async (_what, make) => {
    await expect(run([giving(make())])).rejects.toMatchObject({
      subject: "handler result",
      issues: [{ path: "", message: expect.stringContaining("got an iterator") }],
    });
  });
});

describe("something odd", () => {
  const revoked = (): object => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  };
  const refusing = (): object => {
    const refuse = () => {
      throw new Error("refused");
    };
    return new Proxy({}, { get: refuse, getPrototypeOf: refuse, has: refuse, ownKeys: refuse });
  };
  const ODD: readonly (readonly [string, () => unknown])[] = [
    ["a revoked proxy", revoked],
    ["a proxy that throws on everything", refusing],
    [
      "an error whose message throws",
      () =>
        Object.defineProperty(new Error("x"), "message", {
          get: () => {
            throw BROKEN;
          },
        }),
    ],
  ];

  test.each(ODD)(
    "that a handler throws becomes an error that can be read: %s",
    async (_what, make) => {
      const throwing = handler({
        handle: () => {
          throw make();
        },
      });
      await expect(run([throwing])).rejects.toMatchObject({
        message: expect.stringContaining("cannot be read"),
      });
    },
  );

  test.each(ODD.slice(0, 2))(
    "that a handler gives back is an error of its own: %s",
    async (_what, make) => {
      const onError = vi.fn();
      await run([giving(make())], { onError });
      expect(onError).toHaveBeenCalledTimes(1);
    },
  );

  test.each<readonly [string, unknown]>([
    ["null", null],
    ["undefined", undefined],
    ["a text", "a text"],
  ])("that is readable stays what was thrown: %s", async (_what, thrown) => {
    const onError = vi.fn();
    await run(
      [
        handler({
          handle: () => {
            throw thrown;
          },
        }),
      ],
      { onError },
    );
    expect(onError.mock.calls[0]?.[0]).toBe(thrown);
  });

  test("in place of propagate is what its handler threw", async () => {
    const onError = vi.fn();
    const odd = Object.defineProperty({ ...handler() }, "propagate", {
      get: () => {
        throw BROKEN;
      },
    });
    await run([odd], { onError });
    expect(onError.mock.calls[0]?.[0]).toBe(BROKEN);
  });
});
