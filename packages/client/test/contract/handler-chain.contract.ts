import { describe, expect, test } from "vitest";
import { PayloadValidationError } from "../../src/index.ts";
import type { Payload } from "../../src/index.ts";
import { Arrivals } from "./arrivals.ts";
import { rejectionOf } from "./client-under-test.ts";
import type { ContractClient, ContractHandler } from "./client-under-test.ts";
import { answer, gains, serve, serveEcho } from "./devices.ts";
import { Logbook } from "./logbook.ts";
import type { Pair, Stage } from "./stage.ts";

// What JavaScript callers can return although the types say otherwise.
const GARBAGE: readonly (readonly [name: string, value: unknown])[] = [
  ["a number", 7],
  ["a text", "payload"],
  ["true", true],
  ["an array", [1, 2]],
  ["a function", () => undefined],
];

/** A handler of the user's own making, without any class of the library. */
class OwnHandler implements ContractHandler {
  readonly propagate = true;
  readonly #seen: string[];

  constructor(seen: string[]) {
    this.#seen = seen;
  }

  canHandle(_client: ContractClient, _topic: string, payload: Payload): boolean {
    return !("skip" in payload);
  }

  handle(client: ContractClient, topic: string): undefined {
    this.#seen.push(`${client.identifier} ${topic.split("/")[2]}`);
  }
}

/** The chain of handlers that every message passes, whichever kind they are. */
export const handlerChainCases = (stage: Stage): void => {
  const { MessageHandlerBase, RequestHandlerBase, ResponseHandlerBase } = stage.handlers;

  /** A device that echoes, and a requester whose response handlers note when they ran. */
  const echoPair = async (): Promise<
    Pair & { seen: string[]; noting: (name: string) => ContractHandler }
  > => {
    const pair = await stage.pair();
    serveEcho(stage, pair.device);
    const seen: string[] = [];
    const noting = (name: string): ContractHandler =>
      new ResponseHandlerBase({ process: () => void seen.push(name) });
    return { ...pair, seen, noting };
  };

  describe("handlers", () => {
    test("run in the order in which they were added", async () => {
      const { requester, device, seen, noting } = await echoPair();
      for (const name of ["c", "a", "b"]) requester.addMessageHandler(noting(name));
      await requester.request(gains(device));
      expect(seen).toEqual(["c", "a", "b"]);
    });

    test("get the client, the topic of the message and its payload", async () => {
      const { requester, device } = await echoPair();
      const calls = new Arrivals<readonly unknown[]>("a call of the handler");
      requester.addMessageHandler(
        new ResponseHandlerBase({ process: (...call) => calls.push(call) }),
      );
      const response = await requester.request({ ...gains(device), body: [1] });
      const [client, topic, payload] = await calls.next();
      expect(client).toBe(requester);
      expect(topic).toMatch(`gf_int_v1/axuv/response/${device.identifier}/`);
      expect(payload).toEqual(response);
    });

    test("added twice run twice, and removed once run once", async () => {
      const { requester, device, seen, noting } = await echoPair();
      const handler = noting("a");
      requester.addMessageHandler(handler);
      requester.addMessageHandler(handler);
      await requester.request(gains(device));
      requester.removeMessageHandler(handler);
      await requester.request(gains(device));
      expect(seen).toEqual(["a", "a", "a"]);
    });

    test("removed see no further message", async () => {
      const { requester, device, seen, noting } = await echoPair();
      const handler = noting("a");
      requester.addMessageHandler(handler);
      expect(requester.removeMessageHandler(handler)).toBe(true);
      expect(requester.removeMessageHandler(handler)).toBe(false);
      await requester.request(gains(device));
      expect(seen).toEqual([]);
    });

    test("added while a message is on its way see the next one only", async () => {
      const { requester, device, seen, noting } = await echoPair();
      requester.addMessageHandler(
        new ResponseHandlerBase({
          process: (client) => {
            seen.push("first");
            if (seen.length === 1) client.addMessageHandler(noting("added"));
          },
        }),
      );
      await requester.request(gains(device));
      expect(seen).toEqual(["first"]);
      await requester.request(gains(device));
      expect(seen).toEqual(["first", "first", "added"]);
    });

    test("removed while a message is on its way still see that one", async () => {
      const { requester, device, seen, noting } = await echoPair();
      const last = noting("last");
      requester.addMessageHandler(
        new ResponseHandlerBase({ process: (client) => void client.removeMessageHandler(last) }),
      );
      requester.addMessageHandler(last);
      await requester.request(gains(device));
      expect(seen).toEqual(["last"]);
      await requester.request(gains(device));
      expect(seen).toEqual(["last"]);
    });

    test("with propagate false are the last to see a response", async () => {
      const { requester, device, seen, noting } = await echoPair();
      requester.addMessageHandler(noting("first"));
      requester.addMessageHandler(
        new ResponseHandlerBase({ process: () => void seen.push("last"), propagate: false }),
      );
      requester.addMessageHandler(noting("never"));
      const { body } = await requester.request({ ...gains(device), body: 1 });
      expect([seen, body]).toEqual([["first", "last"], 1]);
    });

    test("with propagate false are the last to see a request", async () => {
      const { requester, device } = await stage.pair();
      device.addMessageHandler(
        new RequestHandlerBase({
          process: (client, topic, request) => answer(client, { topic, request }, { body: 1 }),
          propagate: false,
        }),
      );
      serve(stage, device, () => {
        throw new Error("reached");
      });
      expect((await requester.request(gains(device))).body).toBe(1);
      expect(device.statistics.handlerErrors).toBe(0);
    });

    test("with propagate false pass on what they do not handle", async () => {
      const { requester, device, seen, noting } = await echoPair();
      requester.addMessageHandler(
        new MessageHandlerBase({
          canHandle: () => false,
          process: () => void seen.push("wrong"),
          propagate: false,
        }),
      );
      requester.addMessageHandler(noting("right"));
      await requester.request(gains(device));
      expect(seen).toEqual(["right"]);
    });

    test("of the user's own making work like those of the library", async () => {
      const { requester, device } = await echoPair();
      const seen: string[] = [];
      const handler = new OwnHandler(seen);
      requester.addMessageHandler(handler);
      await requester.request(gains(device));
      expect(seen).toContain(`${requester.identifier} response`);
    });

    test("of the base class see requests, responses and general messages", async () => {
      const client = await stage.client();
      const types = new Arrivals<string | undefined>("a message");
      client.addMessageHandler(
        new MessageHandlerBase({ process: (_client, topic) => types.push(topic.split("/")[2]) }),
      );
      serveEcho(stage, client);
      const event = `gf_int_v1/axuv/event/${client.identifier}/status`;
      await client.subscribe(event);
      await client.request(gains(client));
      await client.publish(event, { body: 1, timestamp: 0 });
      expect(await types.take(3)).toEqual(["request", "response", "event"]);
    });
  });

  describe("what a handler returns", () => {
    test("replaces the payload for the next handlers and for the caller", async () => {
      const { requester, device } = await echoPair();
      for (const mark of ["a", "b"]) {
        requester.addMessageHandler(
          new ResponseHandlerBase({
            process: (_client, _topic, payload) => ({
              ...payload,
              body: `${String(payload.body)}${mark}`,
            }),
          }),
        );
      }
      expect((await requester.request({ ...gains(device), body: "-" })).body).toBe("-ab");
    });

    test("replaces a request for the next handlers", async () => {
      const { requester, device } = await stage.pair();
      device.addMessageHandler(
        new RequestHandlerBase({
          process: (_client, _topic, payload) => ({ ...payload, body: [payload.body] }),
        }),
      );
      serveEcho(stage, device);
      expect((await requester.request({ ...gains(device), body: 1 })).body).toEqual([1]);
    });

    test.each([undefined, null])("leaves the payload as it is where it is %j", async (nothing) => {
      const { requester, device } = await echoPair();
      requester.addMessageHandler(new ResponseHandlerBase({ process: () => nothing }));
      expect((await requester.request({ ...gains(device), body: 1 })).body).toBe(1);
    });

    test("is not needed: changes made in place count", async () => {
      const { requester, device } = await echoPair();
      requester.addMessageHandler(
        new ResponseHandlerBase({
          process: (_client, _topic, payload) => {
            payload.body = "changed";
          },
        }),
      );
      expect((await requester.request({ ...gains(device), body: 1 })).body).toBe("changed");
    });

    test("may be the outcome of another call of the client", async () => {
      const { requester, device } = await echoPair();
      requester.addMessageHandler(
        new ResponseHandlerBase({
          process: (client, _topic, { header }) =>
            header.path === "gains" ? client.request({ ...gains(device), path: "other" }) : null,
        }),
      );
      expect((await requester.request(gains(device))).header.path).toBe("other");
    });

    describe.each(GARBAGE)("if it is %s,", (_name, garbage) => {
      const process = (): never => garbage as never;

      test("rejects the request of a response handler", async () => {
        const { requester, device } = await echoPair();
        requester.addMessageHandler(new ResponseHandlerBase({ process }));
        const error = await rejectionOf(() => requester.request(gains(device)));
        expect(error).toBeInstanceOf(PayloadValidationError);
      });

      test("is logged and ignored where the handler raises no exceptions", async () => {
        const logger = new Logbook();
        const { requester, device } = await stage.pair({ requester: { logger } });
        serveEcho(stage, device);
        requester.addMessageHandler(new ResponseHandlerBase({ process, raiseExceptions: false }));
        const { body } = await requester.request({ ...gains(device), body: 1 });
        expect(body).toBe(1);
        expect(logger.errors).toEqual([expect.any(PayloadValidationError)]);
        expect(requester.statistics.handlerErrors).toBe(1);
      });

      test("is answered 500 where the handler was for requests", async () => {
        const { requester, device } = await stage.pair();
        device.addMessageHandler(new RequestHandlerBase({ process }));
        const error = await rejectionOf(() => requester.request(gains(device)));
        expect(error).toMatchObject({ responseCode: 500, source: requester.identifier });
      });
    });
  });
};
