import { describe, expect, test, vi } from "vitest";
import { MessageHandlerBaseOf } from "../../src/handlers/handler-classes.ts";
import { RequestHandlerBaseOf } from "../../src/handlers/handler-classes.ts";
import { ResponseHandlerBaseOf } from "../../src/handlers/handler-classes.ts";
import { OptionError, UnknownOptionError } from "../../src/errors/input-errors.ts";
import type { Payload, RequestPayload } from "../../src/protocol/payload.ts";
import type { ResponsePayload } from "../../src/errors/response-payload.ts";

const CLIENT = { name: "client" };
const TOPIC = "a/b";
const ID = "16fd2706-8baf-433b-82eb-8c7fada847da";

const REQUEST: RequestPayload = {
  header: { method: "GET", path: "gains", request_id: ID },
  body: null,
  timestamp: 0,
};
const RESPONSE: ResponsePayload = {
  header: { response_code: 404, path: "gains", request_id: ID },
  body: null,
  timestamp: 0,
};
const GENERAL: Payload = { body: 1, timestamp: 0 };
const ALL = [REQUEST, RESPONSE, GENERAL] as const;

const process = (): undefined => undefined;

/** Makes a handler as a caller without types may. */
const construct = (handlerClass: new (options: never) => unknown, ...given: unknown[]): unknown =>
  Reflect.construct(handlerClass, given);

const CLASSES = [
  { name: "MessageHandlerBase", HandlerBase: MessageHandlerBaseOf, wants: [true, true, true] },
  { name: "RequestHandlerBase", HandlerBase: RequestHandlerBaseOf, wants: [true, false, false] },
  { name: "ResponseHandlerBase", HandlerBase: ResponseHandlerBaseOf, wants: [false, true, false] },
] as const;

describe.each(CLASSES)("$name", ({ HandlerBase, wants }) => {
  test("wants its kind of message only", () => {
    const handler = new HandlerBase({ process });
    expect(ALL.map((payload) => handler.canHandle(CLIENT, TOPIC, payload))).toEqual(wants);
  });

  test("calls process with client, topic and payload, and gives back what it returns", () => {
    const result = { body: "new", timestamp: 0 };
    const noted = vi.fn((_client: unknown, _topic: string, _payload: unknown) => result);
    const handler = new HandlerBase({ process: noted });
    const payload = ALL[wants.indexOf(true)] ?? GENERAL;
    expect(handler.handle(CLIENT, TOPIC, payload)).toBe(result);
    expect(noted).toHaveBeenCalledExactlyOnceWith(CLIENT, TOPIC, payload);
  });

  test("lets later handlers see the message unless told otherwise", () => {
    expect(new HandlerBase({ process }).propagate).toBe(true);
    expect(new HandlerBase({ process, propagate: false }).propagate).toBe(false);
  });

  test.each([undefined, null, "process", {}])("refuses %j for process", (given) => {
    const make = () => construct(HandlerBase, { process: given });
    expect(make).toThrow(OptionError);
    expect(make).toThrow(/option "process" .* expected a function/);
  });

  test.each([1, "no", {}])("refuses %j for propagate", (given) => {
    expect(() => construct(HandlerBase, { process, propagate: given })).toThrow(
      /option "propagate" .* expected true or false/,
    );
  });

  test.each(["raise_exceptions", "can_handle", "Propagate"])(
    "refuses %s, and names what it takes",
    (option) => {
      const make = () => construct(HandlerBase, { process, [option]: true });
      expect(make).toThrow(UnknownOptionError);
      expect(make).toThrow(`there is no option "${option}"; expected`);
    },
  );

  test.each([process, undefined, null, "process"])("refuses %s instead of options", (given) => {
    expect(() => construct(HandlerBase, given)).toThrow(OptionError);
  });
});

describe("MessageHandlerBase", () => {
  test("wants what its canHandle says", () => {
    const canHandle = vi.fn((_client: unknown, topic: string) => topic === TOPIC);
    const handler = new MessageHandlerBaseOf({ process, canHandle });
    expect(handler.canHandle(CLIENT, TOPIC, GENERAL)).toBe(true);
    expect(handler.canHandle(CLIENT, "other", GENERAL)).toBe(false);
    expect(canHandle).toHaveBeenCalledWith(CLIENT, TOPIC, GENERAL);
  });

  test("raises no error codes unless told to", () => {
    expect(new MessageHandlerBaseOf({ process }).raiseExceptions).toBe(false);
    expect(new MessageHandlerBaseOf({ process, raiseExceptions: true }).raiseExceptions).toBe(true);
  });

  test("refuses a canHandle that is no function", () => {
    expect(() => construct(MessageHandlerBaseOf, { process, canHandle: "all" })).toThrow(
      /option "canHandle" .* expected a function/,
    );
  });
});

describe("RequestHandlerBase", () => {
  test("sees incoming requests unless told otherwise", () => {
    expect(new RequestHandlerBaseOf({ process }).direction).toBe("incoming");
    const outgoing = new RequestHandlerBaseOf({ process, direction: "outgoing" });
    expect(outgoing.direction).toBe("outgoing");
  });

  test("refuses a direction that there is not", () => {
    expect(() => construct(RequestHandlerBaseOf, { process, direction: "outward" })).toThrow(
      'option "direction" is "outward"; expected "incoming" or "outgoing"',
    );
  });

  test("leaves alone what is no request, should it get it", () => {
    const noted = vi.fn();
    const handler = new RequestHandlerBaseOf({ process: noted });
    expect(handler.handle(CLIENT, TOPIC, GENERAL)).toBeUndefined();
    expect(noted).not.toHaveBeenCalled();
  });
});

describe("ResponseHandlerBase", () => {
  test("raises error codes unless told otherwise", () => {
    expect(new ResponseHandlerBaseOf({ process }).raiseExceptions).toBe(true);
    const lenient = new ResponseHandlerBaseOf({ process, raiseExceptions: false });
    expect(lenient.raiseExceptions).toBe(false);
  });

  test("refuses raiseExceptions that is no boolean", () => {
    expect(() => construct(ResponseHandlerBaseOf, { process, raiseExceptions: "yes" })).toThrow(
      /option "raiseExceptions" .* expected true or false/,
    );
  });

  test("leaves alone what is no response, should it get it", () => {
    const noted = vi.fn();
    const handler = new ResponseHandlerBaseOf({ process: noted });
    expect(handler.handle(CLIENT, TOPIC, GENERAL)).toBeUndefined();
    expect(noted).not.toHaveBeenCalled();
  });
});

test.each<readonly [string, unknown]>([
  ["a generator function", function* () {}],
  ["an async generator function", async function* () {}],
])("a handler's process must not be %s", (_what, generator) => {
  expect(() => new RequestHandlerBaseOf({ process: generator as () => void })).toThrow(
    /process.*generator function.*plain or an async function/,
  );
});
