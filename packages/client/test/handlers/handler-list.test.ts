import { describe, expect, test } from "vitest";
import { HandlerList } from "../../src/handlers/runner.ts";
import type { HandlerDirection, MessageHandlerOf } from "../../src/handlers/message-handler.ts";
import { OptionError } from "../../src/errors/input-errors.ts";

type Handler = MessageHandlerOf<unknown>;

const handler = (direction?: HandlerDirection): Handler => ({
  canHandle: () => true,
  handle: () => undefined,
  propagate: true,
  ...(direction === undefined ? {} : { direction }),
});

describe("HandlerList", () => {
  test("keeps the handlers in the order of their addition, by direction", () => {
    const list = new HandlerList<unknown>();
    const [first, second, third, fourth] = [
      handler(),
      handler("outgoing"),
      handler("incoming"),
      handler("outgoing"),
    ];
    for (const each of [first, second, third, fourth]) list.add(each);
    expect(list.incoming).toEqual([first, third]);
    expect(list.incoming[0]).toBe(first);
    expect(list.outgoing).toEqual([second, fourth]);
  });

  test("leaves the lists alone that it gave out before", () => {
    const list = new HandlerList<unknown>();
    const first = handler();
    list.add(first);
    const before = list.incoming;
    list.add(handler());
    list.remove(first);
    expect(before).toEqual([first]);
  });

  test("removes the very object that was added", () => {
    const list = new HandlerList<unknown>();
    const [one, alike] = [handler(), handler()];
    list.add(one);
    expect(list.remove(alike)).toBe(false);
    expect(list.remove(one)).toBe(true);
    expect(list.remove(one)).toBe(false);
    expect(list.incoming).toEqual([]);
  });

  test("has a handler twice that was added twice, and removes one at a time", () => {
    const list = new HandlerList<unknown>();
    const one = handler();
    list.add(one);
    list.add(one);
    expect(list.incoming).toHaveLength(2);
    list.remove(one);
    expect(list.incoming).toEqual([one]);
  });

  test.each([
    ["undefined", undefined],
    ["null", null],
    ["a function", () => undefined],
    ["an object without canHandle", { ...handler(), canHandle: undefined }],
    ["an object without handle", { ...handler(), handle: undefined }],
    ["an object whose propagate is no boolean", { ...handler(), propagate: 1 }],
    ["an object without propagate", { canHandle: () => true, handle: () => undefined }],
  ])("refuses %s", (_what, value) => {
    const list = new HandlerList<unknown>();
    // As a caller without types may add it.
    expect(() => Reflect.apply(list.add, list, [value])).toThrow(OptionError);
    expect(list.incoming).toEqual([]);
  });

  test("takes a handler whose methods come from its class", () => {
    class OwnHandler implements Handler {
      readonly propagate = false;
      canHandle(): boolean {
        return true;
      }
      handle(): undefined {
        return undefined;
      }
    }
    const list = new HandlerList<unknown>();
    const own = new OwnHandler();
    list.add(own);
    expect(list.incoming).toEqual([own]);
  });
});

test("a handler whose direction throws is not added, and the others stay what they are", () => {
  const list = new HandlerList<string>();
  const plain: MessageHandlerOf<string> = {
    canHandle: () => true,
    handle: () => undefined,
    propagate: true,
  };
  list.add(plain);
  const odd = Object.defineProperty({ ...plain }, "direction", {
    get: () => {
      throw new RangeError("no direction");
    },
  });
  expect(() => list.add(odd)).toThrow(RangeError);
  expect(list.incoming).toEqual([plain]);
  expect(list.remove(odd)).toBe(false);
});
