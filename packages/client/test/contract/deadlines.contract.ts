import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { GatewayTimeoutResponse, OptionError } from "../../src/index.ts";
import { Arrivals } from "./arrivals.ts";
import { rejectionOf } from "./client-under-test.ts";
import type { Awaitable, ContractClient } from "./client-under-test.ts";
import { gains, serve, serveEcho } from "./devices.ts";
import { testConcurrency, testTimers } from "./needs.ts";
import { Gate } from "./patience.ts";
import type { Stage } from "./stage.ts";

const REASONS: readonly unknown[] = [new Error("mine"), "a text", 0, null, { any: "object" }];

/** Waits that end before their result: at a deadline, or by a signal. */
export const deadlineCases = (stage: Stage): void => {
  const absent = (): { readonly identifier: string } => ({
    identifier: stage.identifier("absent"),
  });

  describe("a request that nobody answers", () => {
    test("rejects at its deadline with all there is to know", async () => {
      const client = await stage.client();
      const device = absent();
      const error = await rejectionOf(() =>
        client.request({ ...gains(device), method: "PUT", timeoutMs: 20 }),
      );
      expect(error).toBeInstanceOf(GatewayTimeoutResponse);
      expect(error).toMatchObject({
        name: "GatewayTimeoutResponse",
        code: "GATEWAY_TIMEOUT",
        responseCode: 504,
        path: "gains",
        source: client.identifier,
        target: device.identifier,
        method: "PUT",
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        response: undefined,
      });
    });

    test("says how long it waited, and that the device may still have acted", async () => {
      const client = await stage.client();
      // Long enough for the broker to grant a subscription, on a loaded machine too.
      const timeoutMs = 321;
      const error = await rejectionOf(() => client.request({ ...gains(absent()), timeoutMs }));
      expect(String(error)).toContain("321 ms");
      expect(String(error)).toContain("may still have acted");
    });

    test("has the client's deadline by default", async () => {
      const client = stage.newClient({ timeoutMs: 40 });
      await client.connect({ timeoutMs: 10_000 });
      expect(client.timeoutMs).toBe(40);
      const error = await rejectionOf(() => client.request(gains(absent())));
      expect(String(error)).toContain("40 ms");
    });

    test("is counted, and leaves nothing behind", async () => {
      // With the mailbox alone, a request is under way as soon as it is made.
      const client = await stage.client({ responseRouting: "mailbox" });
      const held = client.statistics.subscriptionsHeld;
      await rejectionOf(() => client.request({ ...gains(absent()), timeoutMs: 20 }));
      expect(client.statistics).toMatchObject({
        requestsUnanswered: 1,
        responsesReceived: 0,
        requestsInFlight: 0,
        subscriptionsHeld: held,
      });
    });

    testConcurrency(stage)("does not keep others from being answered", async () => {
      const { requester, device } = await stage.pair();
      serve(stage, device, ({ body }) => (body === "never" ? undefined : { body }));
      const ends = await stage.concurrently<unknown>(
        ["never", 1, "never", 2].map(
          (body) => () =>
            body === "never"
              ? rejectionOf(() => requester.request({ ...gains(device), body, timeoutMs: 20 }))
              : requester.request({ ...gains(device), body }),
        ),
      );
      expect(ends).toEqual([
        expect.any(GatewayTimeoutResponse),
        expect.objectContaining({ body: 1 }),
        expect.any(GatewayTimeoutResponse),
        expect.objectContaining({ body: 2 }),
      ]);
    });
  });

  describe("a response handler that takes too long", () => {
    testConcurrency(stage)("does not hold the caller beyond the deadline", async () => {
      const { requester, device } = await stage.pair();
      serveEcho(stage, device);
      const gate = new Gate("the deadline");
      requester.addMessageHandler(
        new stage.handlers.ResponseHandlerBase({
          process: async () => {
            await gate.passed();
            throw new Error("too late to matter");
          },
        }),
      );
      const error = await rejectionOf(() => requester.request({ ...gains(device), timeoutMs: 50 }));
      gate.open();
      expect(error).toBeInstanceOf(GatewayTimeoutResponse);
      expect(requester.statistics.requestsInFlight).toBe(0);
    });
  });

  describe("a signal", () => {
    const CALLS: readonly (readonly [
      string,
      (client: ContractClient, signal: AbortSignal) => Awaitable<unknown>,
    ])[] = [
      ["request()", (client, signal) => client.request({ ...gains(client), signal })],
      ["publish()", (client, signal) => client.publish(client.identifier, { body: 1 }, { signal })],
      ["subscribe()", (client, signal) => client.subscribe("place/a", { signal })],
    ];

    describe.each(CALLS)("of %s", (_name, call) => {
      test.each(REASONS)("aborted before rejects it with the reason: %s", async (reason) => {
        const client = await stage.client();
        const signal = AbortSignal.abort(reason);
        expect(await rejectionOf(() => call(client, signal))).toBe(reason);
      });

      test("aborted before keeps it from sending anything", async () => {
        const namespace = stage.identifier("plant");
        const client = await stage.client({ namespace });
        const heard = await (await stage.peer()).listen("#");
        const held = client.statistics.subscriptionsHeld;
        await rejectionOf(() => call(client, AbortSignal.abort()));
        await client.publish(`${namespace}/the/end`, { body: 1 });
        const own = (topic: string): boolean =>
          topic.startsWith(namespace) || topic.startsWith(client.identifier);
        expect((await heard.next(({ topic }) => own(topic))).topic).toBe(`${namespace}/the/end`);
        expect(client.statistics.subscriptionsHeld).toBe(held);
      });

      test("that is never aborted changes nothing, and is let go of", async () => {
        const client = await stage.client();
        serveEcho(stage, client);
        const { signal } = new AbortController();
        await call(client, signal);
        expect(getEventListeners(signal, "abort")).toEqual([]);
      });
    });

    test("aborted without a reason rejects with an AbortError", async () => {
      const client = await stage.client();
      const error = await rejectionOf(() =>
        client.request({ ...gains(client), signal: AbortSignal.abort() }),
      );
      expect(error).toMatchObject({ name: "AbortError" });
    });

    testTimers(stage)("with a timeout rejects with a TimeoutError", async () => {
      const client = await stage.client();
      const signal = AbortSignal.timeout(20);
      const error = await rejectionOf(() => client.request({ ...gains(absent()), signal }));
      expect(error).toMatchObject({ name: "TimeoutError" });
      expect(getEventListeners(signal, "abort")).toEqual([]);
    });

    test.each(REASONS)(
      "aborted while the device works rejects with the reason: %s",
      async (reason) => {
        const { requester, device } = await stage.pair();
        const controller = new AbortController();
        serve(stage, device, () => {
          controller.abort(reason);
          return undefined;
        });
        const { signal } = controller;
        const error = await rejectionOf(() => requester.request({ ...gains(device), signal }));
        expect(error).toBe(reason);
        expect(getEventListeners(signal, "abort")).toEqual([]);
        expect(requester.statistics).toMatchObject({ requestsInFlight: 0, requestsUnanswered: 1 });
      },
    );

    test("aborted after the answer changes nothing", async () => {
      const { requester, device } = await stage.pair();
      serveEcho(stage, device);
      const controller = new AbortController();
      const { signal } = controller;
      expect((await requester.request({ ...gains(device), body: 1, signal })).body).toBe(1);
      controller.abort("enough");
      expect((await requester.request({ ...gains(device), body: 2 })).body).toBe(2);
    });

    testConcurrency(stage)("shared by many requests ends them all, without a warning", async () => {
      const { requester, device } = await stage.pair();
      const warnings: Error[] = [];
      const onWarning = (warning: Error): void => void warnings.push(warning);
      process.on("warning", onWarning);
      const controller = new AbortController();
      const { signal } = controller;
      const asked = new Arrivals<unknown>("a request");
      const COUNT = 20;
      serve(stage, device, ({ body }) => {
        asked.push(body);
        if (asked.all.length === COUNT) controller.abort("enough");
        return undefined;
      });
      const errors = await stage.concurrently(
        Array.from(
          { length: COUNT },
          () => () => rejectionOf(() => requester.request({ ...gains(device), signal })),
        ),
      );
      process.off("warning", onWarning);
      expect(new Set(errors)).toEqual(new Set(["enough"]));
      expect(warnings).toEqual([]);
      expect(getEventListeners(signal, "abort")).toEqual([]);
      expect(requester.statistics.requestsInFlight).toBe(0);
    });

    test("that is none is refused", async () => {
      const client = await stage.client();
      const signal = { aborted: true } as AbortSignal;
      const error = await rejectionOf(() => client.request({ ...gains(client), signal }));
      expect(error).toBeInstanceOf(OptionError);
    });
  });
};
