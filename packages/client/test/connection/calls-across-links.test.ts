import { describe, expect, test } from "vitest";
import type { LinkLostError } from "../../src/errors/connection-errors.ts";
import { promisesSettled } from "../runtime/manual-clock.ts";
import type { Scene } from "./connection-scene.ts";
import { BROKER, message, onlineScene, outcomeOf, within } from "./connection-scene.ts";
import type { Reaction, ScriptedLink } from "./scripted-transport.ts";
import { granted, noAnswer } from "./scripted-transport.ts";

/** Loses the link when what was answered before has arrived. */
const closeSoon = async (link: ScriptedLink): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  link.lose();
};

/** A broker that answers in order, and closes the link over a topic and a filter: nothing after it is answered. */
const closingOver =
  (bad: string): Reaction =>
  (dial) => {
    const link = dial.accept();
    let isClosing = false;
    const takes = (name: string): boolean => {
      if (name === bad && !isClosing) {
        isClosing = true;
        void closeSoon(link);
      }
      return !isClosing;
    };
    link.onPublish = ({ topic }) => (takes(topic) ? "delivered" : noAnswer());
    link.onSubscribe = (subscription) =>
      takes(subscription.filter) ? granted(subscription) : noAnswer();
    return link;
  };

const publish = (scene: Scene, topic: string) =>
  outcomeOf(scene.connection.publish(message(topic, 1), within(scene)));

const subscribe = (scene: Scene, filter: string) =>
  outcomeOf(scene.connection.subscriptions.subscribe({ filter, qos: 0 }, within(scene)));

const expectGivenUp = ({ error }: { error?: unknown }): void => {
  expect(error).toMatchObject({
    name: "LinkLostError",
    isOverThisCall: true,
    cause: { name: "LinkLostError" } satisfies Partial<LinkLostError>,
    message:
      `lost the connection to ${BROKER} right after this call was sent, twice; some brokers close the ` +
      "connection on a topic or a filter that they do not allow: check it, and what the broker's log says",
  });
};

describe("a call over which the broker ends the link", () => {
  test.each([
    ["publish", publish],
    ["subscribe", subscribe],
  ])("is given up after the second time: %s", async (_name, make) => {
    const scene = await onlineScene({ dials: [closingOver("bad")] });
    // One that has ended is not to blame, nor does it take the blame.
    await scene.connection.publish(message("good", 1), within(scene));
    const call = make(scene, "bad");
    await scene.clock.advance(125);
    expectGivenUp(call);
    await scene.clock.advance(1_000);
    expect(scene.connection.state.kind).toBe("online");
    expect(scene.transport.log.filter((event) => event.includes("bad"))).toHaveLength(2);
    expect(scene.connection.subscriptions.size).toBe(0);
    expect(scene.clock.timerCount).toBe(0);
  });

  test("does not take others down with it that were sent before and after", async () => {
    const scene = await onlineScene({ dials: [closingOver("bad")] });
    const before = [publish(scene, "a"), subscribe(scene, "b")];
    const bad = publish(scene, "bad");
    const after = [publish(scene, "c"), subscribe(scene, "d"), publish(scene, "e")];
    await scene.clock.advance(2_000);
    expectGivenUp(bad);
    for (const call of [...before, ...after]) expect(call.error).toBeUndefined();
    expect(after[0]).toEqual({ value: "delivered" });
    expect(scene.connection.state.kind).toBe("online");
    expect(scene.connection.subscriptions.size).toBe(2);
  });

  test("does not take down one that another bad one hit once before", async () => {
    const scene = await onlineScene({ dials: [closingOver("bad")] });
    const calls = [publish(scene, "bad"), publish(scene, "a"), publish(scene, "bad")];
    await scene.clock.advance(5_000);
    expect(calls.map(({ value }) => value)).toEqual([undefined, "delivered", undefined]);
    expect(scene.connection.state.kind).toBe("online");
  });

  test("is one only where the link goes at once: a link may be lost at any time", async () => {
    const silent: Reaction = (dial) => Object.assign(dial.accept(), { onPublish: noAnswer });
    const scene = await onlineScene({ dials: [silent, silent, silent, closingOver("none")] });
    const call = publish(scene, "a");
    for (const pauseMs of [125, 250, 500]) {
      await scene.clock.advance(1_000);
      scene.transport.link.lose();
      await scene.clock.advance(pauseMs);
    }
    expect(call).toEqual({ value: "delivered" });
  });

  test("is not one that ended before", async () => {
    const scene = await onlineScene({ dials: [closingOver("none")] });
    for (const pauseMs of [125, 250, 500]) {
      const call = publish(scene, "a");
      await promisesSettled();
      expect(call).toEqual({ value: "delivered" });
      scene.transport.link.lose();
      await scene.clock.advance(pauseMs);
    }
    expect(scene.connection.state.kind).toBe("online");
  });
});
