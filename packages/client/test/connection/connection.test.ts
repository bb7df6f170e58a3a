import { describe, expect, test } from "vitest";
import { ClientClosedError, LinkLostError } from "../../src/errors/connection-errors.ts";
import type { QoS } from "../../src/transport/transport.ts";
import { promisesSettled } from "../runtime/manual-clock.ts";
import { unhandledDuring } from "../runtime/unhandled-rejections.ts";
import { TOO_LATE, message, onlineScene, outcomeOf, within } from "./connection-scene.ts";
import type { Scene } from "./connection-scene.ts";
import type { Reaction } from "./scripted-transport.ts";
import { accept, noAnswer } from "./scripted-transport.ts";

const STOPPED = new Error("stopped");

/** Accepts a dial with a broker that acknowledges no publish. */
const acceptSilently: Reaction = (dial) => Object.assign(dial.accept(), { onPublish: noAnswer });

/** Publishes on a link that does not answer, then loses it and waits for the next one. */
const publishAcrossLoss = async (qos: QoS) => {
  const scene = await onlineScene({ dials: [acceptSilently, accept] });
  const publish = outcomeOf(scene.connection.publish(message("t", qos), within(scene)));
  await promisesSettled();
  scene.transport.link.lose();
  await scene.clock.advance(125);
  return { publish, links: scene.transport.links };
};

describe("publish", () => {
  test.each([
    [0, "sent"],
    [1, "delivered"],
    [2, "delivered"],
  ] as const)("with QoS %i resolves to %s", async (qos, outcome) => {
    const scene = await onlineScene();
    await expect(scene.connection.publish(message("t", qos), within(scene))).resolves.toBe(outcome);
  });

  test("passes on that there are no subscribers", async () => {
    const scene = await onlineScene();
    scene.transport.link.onPublish = () => "no-subscribers";
    const publish = scene.connection.publish(message("t", 1), within(scene));
    await expect(publish).resolves.toBe("no-subscribers");
  });

  test("passes on a refusal", async () => {
    const scene = await onlineScene();
    scene.transport.link.onPublish = () => Promise.reject(STOPPED);
    await expect(scene.connection.publish(message("t", 1), within(scene))).rejects.toBe(STOPPED);
  });

  test("tells the link until when a message is wanted", async () => {
    const scene = await onlineScene();
    const limits = within(scene, { ms: 5_000 });
    await scene.clock.advance(1_234);
    await scene.connection.publish(message("t", 1), limits);
    await scene.connection.publish(message("t", 0), limits);
    expect(scene.transport.link.remainingMs).toEqual([3_766, 3_766]);
  });

  test("counts the wait for a link", async () => {
    const scene = await onlineScene();
    scene.transport.link.lose();
    const limits = within(scene, { ms: 5_000 });
    void scene.connection.publish(message("t", 1), limits);
    await scene.clock.advance(125);
    expect(scene.transport.link.sent).toMatchObject([{ topic: "t" }]);
    expect(scene.transport.link.remainingMs).toEqual([4_875]);
  });

  test("ends at its deadline", async () => {
    const scene = await onlineScene({ dials: [acceptSilently] });
    const limits = within(scene, { ms: 100 });
    const publish = outcomeOf(scene.connection.publish(message("t", 1), limits));
    await scene.clock.advance(100);
    expect(publish.error).toBe(TOO_LATE);
    await scene.clock.advance(5_000);
    expect(scene.clock.timerCount).toBe(0);
  });

  test("ends with the signal", async () => {
    const scene = await onlineScene({ dials: [acceptSilently] });
    const controller = new AbortController();
    const limits = within(scene, { signal: controller.signal });
    const publish = outcomeOf(scene.connection.publish(message("t", 1), limits));
    await promisesSettled();
    controller.abort(STOPPED);
    await promisesSettled();
    expect(publish.error).toBe(STOPPED);
  });

  test("with a signal aborted before sends nothing", async () => {
    const scene = await onlineScene();
    const limits = within(scene, { signal: AbortSignal.abort(STOPPED) });
    await expect(scene.connection.publish(message("t"), limits)).rejects.toBe(STOPPED);
    expect(scene.transport.link.sent).toEqual([]);
  });

  test("past its deadline sends nothing", async () => {
    const scene = await onlineScene();
    const limits = within(scene, { ms: 100 });
    await scene.clock.advance(100);
    await expect(scene.connection.publish(message("t"), limits)).rejects.toBe(TOO_LATE);
    expect(scene.transport.link.sent).toEqual([]);
  });

  test("given up is no unhandled rejection when the link is lost later", async () => {
    const scene = await onlineScene({ dials: [acceptSilently] });
    const reasons = await unhandledDuring(async () => {
      const limits = within(scene, { ms: 100 });
      const publish = outcomeOf(scene.connection.publish(message("t", 1), limits));
      await scene.clock.advance(100);
      expect(publish.error).toBe(TOO_LATE);
      scene.transport.link.lose();
    });
    expect(reasons).toEqual([]);
  });
});

describe("publish across a lost link", () => {
  test("with QoS 1 is sent again on the next one", async () => {
    const { publish, links } = await publishAcrossLoss(1);
    expect(publish).toEqual({ value: "delivered" });
    expect(links.map(({ sent }) => sent.length)).toEqual([1, 1]);
  });

  test.each([0, 2] as const)("with QoS %i rejects and is not sent again", async (qos) => {
    const { publish, links } = await publishAcrossLoss(qos);
    expect(publish.error).toBeInstanceOf(LinkLostError);
    expect(links.map(({ sent }) => sent.length)).toEqual([1, 0]);
  });

  test("with QoS 1 is sent on every link until one acknowledges it", async () => {
    const scene = await onlineScene({ dials: [acceptSilently, acceptSilently, accept] });
    const publish = outcomeOf(scene.connection.publish(message("t", 1), within(scene)));
    for (const pauseMs of [125, 250]) {
      await scene.clock.advance(1_000);
      scene.transport.link.lose();
      await scene.clock.advance(pauseMs);
    }
    expect(publish).toEqual({ value: "delivered" });
    expect(scene.transport.links.map(({ sent }) => sent.length)).toEqual([1, 1, 1]);
  });

  test("with QoS 1 rejects where each link goes right after it was sent: the broker may not stand it", async () => {
    const scene = await onlineScene({ dials: [acceptSilently, acceptSilently, accept] });
    const publish = outcomeOf(scene.connection.publish(message("t", 1), within(scene)));
    await promisesSettled();
    scene.transport.link.lose();
    await scene.clock.advance(125);
    expect(publish).toEqual({});
    scene.transport.link.lose();
    await scene.clock.advance(250);
    expect(publish.error).toBeInstanceOf(LinkLostError);
    expect(scene.connection.state.kind).toBe("online");
    expect(scene.transport.links.map(({ sent }) => sent.length)).toEqual([1, 1, 0]);
  });

  test("with QoS 1 is not told by a repeated copy that nobody listens: the first may have been heard", async () => {
    const deaf: Reaction = (dial) =>
      Object.assign(dial.accept(), { onPublish: () => "no-subscribers" as const });
    const scene = await onlineScene({ dials: [acceptSilently, deaf] });
    const publish = outcomeOf(scene.connection.publish(message("t", 1), within(scene)));
    await promisesSettled();
    scene.transport.link.lose();
    await scene.clock.advance(125);
    expect(publish).toEqual({ value: "delivered" });
  });

  test("with QoS 1 ends at its deadline all the same", async () => {
    const scene = await onlineScene({ dials: [acceptSilently] });
    const limits = within(scene, { ms: 1_000 });
    const publish = outcomeOf(scene.connection.publish(message("t", 1), limits));
    await promisesSettled();
    scene.transport.link.lose();
    await scene.clock.advance(999);
    expect(publish).toEqual({});
    await scene.clock.advance(1);
    expect(publish.error).toBe(TOO_LATE);
  });

  test.each([0, 1, 2] as const)("with QoS %i rejects when the client closes", async (qos) => {
    const scene = await onlineScene({ dials: [acceptSilently] });
    const publish = outcomeOf(scene.connection.publish(message("t", qos), within(scene)));
    await promisesSettled();
    await scene.connection.close();
    await promisesSettled();
    expect(publish.error).toBeInstanceOf(ClientClosedError);
  });

  test("waits for the next link where a call learns of the loss before the client does", async () => {
    const scene = await onlineScene({ dials: [acceptSilently, accept] });
    const publish = outcomeOf(scene.connection.publish(message("t", 1), within(scene)));
    await promisesSettled();
    scene.transport.link.failCalls();
    await promisesSettled();
    expect(scene.transport.link.sent).toHaveLength(1);
    scene.transport.link.lose();
    await scene.clock.advance(125);
    expect(publish).toEqual({ value: "delivered" });
  });

  test("ends at its deadline where the client never learns of the loss", async () => {
    const scene = await onlineScene({ dials: [acceptSilently] });
    const limits = within(scene, { ms: 100 });
    const publish = outcomeOf(scene.connection.publish(message("t", 1), limits));
    await promisesSettled();
    scene.transport.link.failCalls();
    await scene.clock.advance(100);
    expect(publish.error).toBe(TOO_LATE);
    expect(scene.transport.link.sent).toHaveLength(1);
  });
});

describe("what arrives", () => {
  const arrivedOf = async (
    deliver: (scene: Scene) => Promise<void>,
  ): Promise<readonly string[]> => {
    const scene = await onlineScene();
    await deliver(scene);
    return scene.arrived;
  };

  test("is passed on in order, over every link", async () => {
    const arrived = await arrivedOf(async ({ transport, clock }) => {
      transport.link.deliver("a");
      transport.link.deliver("b");
      transport.link.lose();
      await clock.advance(125);
      transport.link.deliver("c");
    });
    expect(arrived).toEqual(["a", "b", "c"]);
  });
});
