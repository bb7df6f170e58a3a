import * as v from "valibot";
import { expect, test } from "vitest";
import type { ResourceRouterOptions } from "../../src/index.ts";
import { MQTTClient, ResourceRouter, ResponseCode, answer, content } from "../../src/index.ts";
import { MemoryBroker } from "../../src/testing.ts";

/** A device with a router, and its subsystem for who asks. */
const scene = async (options: ResourceRouterOptions = {}) => {
  const { connection } = new MemoryBroker();
  const device = new MQTTClient({ ...connection, identifier: "d", logLevel: "silent" });
  const requester = new MQTTClient({ ...connection, timeoutMs: 1_000 });
  const router = new ResourceRouter(options);
  device.addMessageHandler(router);
  await Promise.all([device.connect(), requester.connect()]);
  return {
    router,
    axuv: requester.device("d", "axuv"),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([device.disconnect(), requester.disconnect()]);
    },
  };
};

const failing = (): ResourceRouter =>
  new ResourceRouter().get("x", () => {
    throw new Error("broken");
  });

test("next() gives a promise, though nothing is waited for", async () => {
  await using there = await scene();
  there.router.use((_context, next) => next().finally(() => undefined));
  there.router.get("gains", () => 1);
  expect(await there.axuv.read("gains")).toBe(1);
});

test("a middleware that calls next() twice is answered 500, and the handler runs once", async () => {
  await using there = await scene();
  let runs = 0;
  there.router.use(async (_context, next) => {
    await next();
    return next();
  });
  there.router.post("runs", () => {
    runs += 1;
  });
  await expect(there.axuv.post("runs")).rejects.toMatchObject({ responseCode: 500 });
  expect(runs).toBe(1);
});

test("onError is asked for what mounted routers have no answer to", async () => {
  const onError = (error: unknown) =>
    answer(ResponseCode.SERVICE_UNAVAILABLE, error instanceof Error && error.message);
  await using there = await scene({ onError });
  there.router.mount("adc", failing());
  await expect(there.axuv.get("adc/x")).rejects.toMatchObject({
    responseCode: 503,
    detail: "broken",
  });
});

test("onError of a mounted router answers before that of the outer one", async () => {
  await using there = await scene({ onError: () => content("outer") });
  const inner = new ResourceRouter({ onError: () => content("inner") });
  there.router.mount("adc", inner.mount("b", failing()));
  expect(await there.axuv.read("adc/b/x")).toBe("inner");
});

test("an error code fits whatever a route's response is", async () => {
  await using there = await scene();
  there.router.get("gains", { response: v.array(v.number()) }, ({ query }) =>
    query.has("busy") ? answer(ResponseCode.SERVICE_UNAVAILABLE, "busy") : [1],
  );
  expect(await there.axuv.read("gains")).toEqual([1]);
  await expect(there.axuv.get("gains?busy")).rejects.toMatchObject({ detail: "busy" });
});

test("** alone serves the root, too", async () => {
  await using there = await scene();
  there.router.get("**", ({ params }) => params["**"]);
  expect([await there.axuv.read("/"), await there.axuv.read("a/b")]).toEqual(["", "a/b"]);
});
