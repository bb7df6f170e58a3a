import { expect, test } from "vitest";
import { callWith, exchangeScene, within } from "./exchange-scene.ts";

const DEVICE = { subsystem: "axuv", target: "device" };

/** A device that answered on the mailbox once, and does not this time: what the client thinks of it afterwards. */
const afterSilence = async (usefulMs: number) => {
  const { clock, exchange, routing } = exchangeScene("auto");
  const route = routing.plan(DEVICE, "id-0");
  routing.learn(DEVICE, route, route.mailboxTopic ?? "");
  const usefulUntil = clock.monotonicMs() + usefulMs;
  const call = callWith({ ...within(clock, { ms: 100 }), usefulUntil });
  exchange.send(call).catch(() => undefined);
  await clock.advance(100);
  return routing.plan(DEVICE, "id-2").extraTopic;
};

test("a device that does not answer in time is asked in both ways the next time", async () => {
  expect(await afterSilence(100)).toBe("gf_int_v1/axuv/response/device/id-2");
});

test("a device that does not answer an attempt, and will be asked again, is not", async () => {
  expect(await afterSilence(1_000)).toBeUndefined();
});
