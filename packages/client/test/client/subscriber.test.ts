import { describe, expect, test } from "vitest";
import { MQTTClient } from "../../src/client/mqtt-client.ts";
import { OptionError, TopicError } from "../../src/errors/input-errors.ts";
import { SubscriptionRefusedError } from "../../src/errors/connection-errors.ts";
import { outcomeOf } from "../connection/connection-scene.ts";
import { ScriptedTransport, granted, refused } from "../connection/scripted-transport.ts";
import { promisesSettled } from "../runtime/manual-clock.ts";

const STOPPED = new Error("stopped");

/** A client online at a broker that the test plays, with the subscriptions sent since. */
const scene = async () => {
  const transport = new ScriptedTransport();
  const client = new MQTTClient({ broker: "host", identifier: "device", transport });
  await client.connect();
  transport.log.length = 0;
  return { client, transport, log: transport.log };
};

/** Lets the broker think about each subscription until the test gives its consent. */
const holdBack = ({ transport }: Awaited<ReturnType<typeof scene>>): (() => void) => {
  const held: (() => void)[] = [];
  transport.link.onSubscribe = (subscription) =>
    new Promise((resolve) => {
      held.push(() => resolve(granted(subscription)));
    });
  return () => {
    for (const consent of held.splice(0)) consent();
  };
};

describe("subscribing", () => {
  test("twice is subscribing once, and one unsubscribe undoes it", async () => {
    const { client, log } = await scene();
    await client.subscribe("a");
    await client.subscribe("a");
    await client.unsubscribe("a");
    expect(log).toEqual(["1 subscribe a@0", "1 unsubscribe a"]);
  });

  test("twice at the same time is subscribing once, too", async () => {
    const { client, log } = await scene();
    await Promise.all([client.subscribe("a"), client.subscribe("a")]);
    await client.unsubscribe("a");
    expect(log).toEqual(["1 subscribe a@0", "1 unsubscribe a"]);
  });

  test("that the broker refuses leaves nothing to undo", async () => {
    const { client, transport, log } = await scene();
    transport.link.onSubscribe = refused;
    await expect(client.subscribe("a")).rejects.toBeInstanceOf(SubscriptionRefusedError);
    log.length = 0;
    await client.unsubscribe("a");
    expect(log).toEqual([]);
  });

  test("after a refusal is tried again", async () => {
    const { client, transport } = await scene();
    transport.link.onSubscribe = refused;
    await client.subscribe("a").catch(() => undefined);
    transport.link.onSubscribe = granted;
    await client.subscribe("a");
    expect(client.statistics.subscriptionsHeld).toBe(3);
  });

  test.each(["", "a#", "a/#/b"])("to no topic filter is refused: %j", async (filter) => {
    const { client, log } = await scene();
    await expect(client.subscribe(filter)).rejects.toBeInstanceOf(TopicError);
    await expect(client.unsubscribe(filter)).rejects.toBeInstanceOf(TopicError);
    expect(log).toEqual([]);
  });

  test.each([{ qos: 3 }, { timeoutMs: 0 }, { QoS: 1 }])(
    "with an option that cannot be is refused: %o",
    async (options) => {
      const { client, log } = await scene();
      const call = Reflect.apply(client.subscribe, client, ["a", options]);
      await expect(call).rejects.toBeInstanceOf(OptionError);
      expect(log).toEqual([]);
    },
  );
});

describe("the later of two calls for one filter", () => {
  test("has the last word when it unsubscribes", async () => {
    const here = await scene();
    const consent = holdBack(here);
    const calls = [here.client.subscribe("a"), here.client.unsubscribe("a")].map(outcomeOf);
    await promisesSettled();
    consent();
    await promisesSettled();
    expect(calls).toEqual([{ value: undefined }, { value: undefined }]);
    expect(here.log).toEqual(["1 subscribe a@0", "1 unsubscribe a"]);
  });

  test("has the last word when it subscribes", async () => {
    const { client, log } = await scene();
    await client.subscribe("a");
    await Promise.all([client.unsubscribe("a"), client.subscribe("a")]);
    expect(log).toEqual(["1 subscribe a@0", "1 unsubscribe a", "1 subscribe a@0"]);
    await client.unsubscribe("a");
    expect(log.at(-1)).toBe("1 unsubscribe a");
  });

  test("has the last word although one in between has given up waiting", async () => {
    const here = await scene();
    const consent = holdBack(here);
    const controller = new AbortController();
    const first = outcomeOf(here.client.subscribe("a"));
    const second = outcomeOf(here.client.unsubscribe("a", { signal: controller.signal }));
    controller.abort(STOPPED);
    await promisesSettled();
    expect(second).toEqual({ error: STOPPED });
    const third = outcomeOf(here.client.unsubscribe("a"));
    await promisesSettled();
    consent();
    await promisesSettled();
    expect([first, third]).toEqual([{ value: undefined }, { value: undefined }]);
    expect(here.log).toEqual(["1 subscribe a@0", "1 unsubscribe a"]);
  });

  test("goes ahead when the earlier one fails", async () => {
    const { client, transport } = await scene();
    transport.link.onSubscribe = refused;
    const calls = [client.subscribe("a"), client.unsubscribe("a")].map(outcomeOf);
    await promisesSettled();
    expect(calls).toMatchObject([{ error: { name: "SubscriptionRefusedError" } }, {}]);
    expect(calls[1]).toEqual({ value: undefined });
  });

  test("does not wait for calls for other filters", async () => {
    const here = await scene();
    holdBack(here);
    const slow = outcomeOf(here.client.subscribe("a"));
    here.transport.link.onSubscribe = granted;
    await here.client.subscribe("b");
    expect(slow).toEqual({});
  });
});
