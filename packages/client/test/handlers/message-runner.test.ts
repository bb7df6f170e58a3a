import { describe, expect, test, vi } from "vitest";
import { HandlerList } from "../../src/handlers/runner.ts";
import type { MessageHandlerOf } from "../../src/handlers/message-handler.ts";
import { HandlerListRunner } from "../../src/handlers/runner.ts";
import type { Payload, RequestPayload } from "../../src/protocol/payload.ts";
import type { ResponsePayload } from "../../src/errors/response-payload.ts";
import { ResponseException } from "../../src/errors/response-exception.ts";

type Handler = MessageHandlerOf<string>;

const ID = "16fd2706-8baf-433b-82eb-8c7fada847da";
const TOPIC = "gf_int_v1/axuv/response/device/box";
const CONTEXT = { source: "requester", target: "device", method: "GET" };
const BROKEN = new Error("broken handler");

const GENERAL: Payload = { body: 1, timestamp: 0 };

const request = (): RequestPayload => ({
  header: { method: "GET", path: "gains", request_id: ID },
  body: null,
  timestamp: 0,
});

const response = (code: number, body: unknown = "body"): ResponsePayload => ({
  header: { response_code: code, path: "gains", request_id: ID },
  body,
  timestamp: 0,
});

/** A handler that takes everything, unless told otherwise. */
const handler = (handle: Handler["handle"], more: Partial<Handler> = {}): Handler => ({
  canHandle: () => true,
  handle,
  propagate: true,
  ...more,
});

const throwing = (more: Partial<Handler> = {}): Handler =>
  handler(() => {
    throw BROKEN;
  }, more);

const scene = (...handlers: readonly Handler[]) => {
  const list = new HandlerList<string>();
  for (const each of handlers) list.add(each);
  const onHandlerError = vi.fn();
  const runner = new HandlerListRunner({ client: "client", handlers: list, onHandlerError });
  return { runner, list, onHandlerError };
};

describe("a runner", () => {
  test("knows whether there is anything to run", () => {
    const { runner, list } = scene();
    expect([runner.hasIncoming, runner.hasOutgoing]).toEqual([false, false]);
    list.add(handler(() => undefined));
    expect([runner.hasIncoming, runner.hasOutgoing]).toEqual([true, false]);
    list.add(handler(() => undefined, { direction: "outgoing" }));
    expect([runner.hasIncoming, runner.hasOutgoing]).toEqual([true, true]);
  });

  test("calls handlers with its client and the topic", async () => {
    const handle = vi.fn();
    const { runner } = scene(handler(handle));
    await runner.runGeneral("events/a", GENERAL);
    expect(handle).toHaveBeenCalledExactlyOnceWith("client", "events/a", GENERAL);
  });
});

describe("a response", () => {
  test("of success comes out as the handlers made it", async () => {
    const made = response(205, "made of it");
    const { runner } = scene(handler(() => made));
    expect(await runner.runResponse(TOPIC, response(205), CONTEXT)).toBe(made);
  });

  test.each([400, 404, 500, 429, 600])(
    "of error code %i is raised at the end of the chain",
    async (code) => {
      const handle = vi.fn();
      const { runner } = scene(handler(handle));
      const run = runner.runResponse(TOPIC, response(code, "no"), CONTEXT);
      await expect(run).rejects.toBeInstanceOf(ResponseException);
      await expect(run).rejects.toMatchObject({ responseCode: code, detail: "no", ...CONTEXT });
      expect(handle).toHaveBeenCalledOnce();
    },
  );

  test.each([201, 205, 299])("of success code %i is never raised", async (code) => {
    const { runner } = scene();
    expect(await runner.runResponse(TOPIC, response(code), CONTEXT)).toEqual(response(code));
  });

  test("of an error code is raised before a handler that wants that, not before the others", async () => {
    const [lenient, strict] = [vi.fn(), vi.fn()];
    const { runner } = scene(handler(lenient), handler(strict, { raiseExceptions: true }));
    await expect(runner.runResponse(TOPIC, response(404), CONTEXT)).rejects.toMatchObject({
      name: "NotFoundResponse",
    });
    expect(lenient).toHaveBeenCalledOnce();
    expect(strict).not.toHaveBeenCalled();
  });

  test("of an error code is a success once a handler has taken it and let nobody else have it", async () => {
    const { runner } = scene(handler(() => undefined, { propagate: false }));
    expect(await runner.runResponse(TOPIC, response(404), CONTEXT)).toEqual(response(404));
  });

  test("of an error code is a success once a handler has made one of it", async () => {
    const { runner } = scene(handler(() => response(205)));
    expect(await runner.runResponse(TOPIC, response(404), CONTEXT)).toEqual(response(205));
  });

  test("that a handler turned into an error is raised", async () => {
    const { runner } = scene(handler(() => response(503)));
    await expect(runner.runResponse(TOPIC, response(205), CONTEXT)).rejects.toMatchObject({
      name: "ServiceUnavailableResponse",
    });
  });

  test("that a handler robbed of its header comes out as it is", async () => {
    // As a handler without types may do it.
    const headless = { body: 1, timestamp: 0 };
    const { runner } = scene(handler(() => headless));
    expect(await runner.runResponse(TOPIC, response(404), CONTEXT)).toBe(headless);
  });

  test("rejects with what a raising handler throws, and tells nobody else", async () => {
    const { runner, onHandlerError } = scene(throwing({ raiseExceptions: true }));
    await expect(runner.runResponse(TOPIC, response(205), CONTEXT)).rejects.toBe(BROKEN);
    expect(onHandlerError).not.toHaveBeenCalled();
  });

  test("goes on after another handler's error, which is told", async () => {
    const last = vi.fn();
    const { runner, onHandlerError } = scene(throwing(), handler(last));
    expect(await runner.runResponse(TOPIC, response(205), CONTEXT)).toEqual(response(205));
    expect(onHandlerError).toHaveBeenCalledExactlyOnceWith(TOPIC, BROKEN);
    expect(last).toHaveBeenCalledOnce();
  });
});

describe("a request that arrives", () => {
  test("tells whether a handler wanted it", async () => {
    expect(await scene().runner.runRequest(TOPIC, request())).toBe(false);
    expect(await scene(handler(() => undefined)).runner.runRequest(TOPIC, request())).toBe(true);
    const unwanted = handler(() => undefined, { canHandle: () => false });
    expect(await scene(unwanted).runner.runRequest(TOPIC, request())).toBe(false);
  });

  test("rejects with what a handler throws, whether or not it raises exceptions", async () => {
    for (const raiseExceptions of [true, false]) {
      const last = vi.fn();
      const { runner, onHandlerError } = scene(throwing({ raiseExceptions }), handler(last));
      await expect(runner.runRequest(TOPIC, request())).rejects.toBe(BROKEN);
      expect(onHandlerError).not.toHaveBeenCalled();
      expect(last).not.toHaveBeenCalled();
    }
  });
});

describe("a general message", () => {
  test("passes every handler, whatever the others throw, and never rejects", async () => {
    const last = vi.fn();
    const { runner, onHandlerError } = scene(
      throwing({ raiseExceptions: true }),
      handler(() => Promise.reject(BROKEN)),
      handler(last),
    );
    await runner.runGeneral("events/a", GENERAL);
    expect(onHandlerError.mock.calls).toEqual([
      ["events/a", BROKEN],
      ["events/a", BROKEN],
    ]);
    expect(last).toHaveBeenCalledOnce();
  });
});

describe("a request about to be sent", () => {
  test("passes the outgoing handlers only, and comes out as they made it", async () => {
    const incoming = vi.fn();
    const made = request();
    const { runner } = scene(
      handler(incoming),
      handler(() => made, { direction: "outgoing" }),
    );
    expect(await runner.runOutgoing(TOPIC, request())).toBe(made);
    expect(incoming).not.toHaveBeenCalled();
  });

  test("rejects with what a handler throws", async () => {
    const { runner } = scene(throwing({ direction: "outgoing" }));
    await expect(runner.runOutgoing(TOPIC, request())).rejects.toBe(BROKEN);
  });
});
