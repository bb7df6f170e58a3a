import { describe, expect, test } from "vitest";
import { PROBE_MS } from "../../src/connection/link-health.ts";
import { promisesSettled } from "../runtime/manual-clock.ts";
import type { Scene } from "./connection-scene.ts";
import { connectionScene, message, onlineScene, outcomeOf, within } from "./connection-scene.ts";
import type { Reaction, ScriptedLink } from "./scripted-transport.ts";
import { accept, granted, leaveOpen, noAnswer } from "./scripted-transport.ts";

const acceptWith =
  (behaviour: Partial<Pick<ScriptedLink, "onSubscribe" | "onUnsubscribe">>): Reaction =>
  (dial) =>
    Object.assign(dial.accept(), behaviour);

const subscribe = ({ connection, ...scene }: Scene, filter: string, ms = 10_000): Promise<void> =>
  connection.subscriptions.subscribe({ filter, qos: 0 }, within(scene, { ms }));

describe("an acknowledgement that never comes", () => {
  test("of a SUBSCRIBE ends the link, and the next one grants it", async () => {
    const scene = await onlineScene({ dials: [acceptWith({ onSubscribe: noAnswer }), accept] });
    const call = outcomeOf(subscribe(scene, "a"));
    await scene.clock.advance(4_999);
    expect(scene.connection.state.kind).toBe("online");
    await scene.clock.advance(1);
    expect(scene.connection.state).toMatchObject({
      kind: "reconnecting",
      cause: { message: "no SUBACK within 5000 ms" },
    });
    await scene.clock.advance(125);
    expect(call).toEqual({ value: undefined });
    expect(scene.clock.timerCount).toBe(0);
  });

  test("ends the link although the call has ended before", async () => {
    const scene = await onlineScene({ dials: [acceptWith({ onSubscribe: noAnswer }), accept] });
    void outcomeOf(subscribe(scene, "a", 100));
    await scene.clock.advance(5_000);
    expect(scene.connection.state.kind).toBe("reconnecting");
  });

  test("of an UNSUBSCRIBE ends the link", async () => {
    const scene = await onlineScene({ dials: [acceptWith({ onUnsubscribe: noAnswer }), accept] });
    await subscribe(scene, "a");
    scene.connection.subscriptions.release("a");
    await scene.clock.advance(5_000);
    expect(scene.connection.state).toMatchObject({
      kind: "reconnecting",
      cause: { message: "no UNSUBACK within 5000 ms" },
    });
  });

  test("of an UNSUBSCRIBE holds back a SUBSCRIBE for a moment only", async () => {
    const scene = await onlineScene({ dials: [acceptWith({ onUnsubscribe: noAnswer })] });
    await subscribe(scene, "a");
    scene.connection.subscriptions.release("a");
    const call = outcomeOf(subscribe(scene, "b"));
    await scene.clock.advance(249);
    expect(scene.transport.log.at(-1)).toBe("1 unsubscribe a");
    await scene.clock.advance(1);
    expect(call).toEqual({ value: undefined });
  });

  test("is waited for at least 2 s, however hasty the client", async () => {
    const scene = await onlineScene({ dialTimeoutMs: 100 });
    const { link } = scene.transport;
    link.onSubscribe = async (subscription) => {
      await new Promise<void>((resolve) => void scene.clock.startTimer(resolve, 1_999));
      return granted(subscription);
    };
    const call = outcomeOf(subscribe(scene, "a"));
    await scene.clock.advance(1_999);
    expect(call).toEqual({ value: undefined });
    expect(scene.connection.link).toBe(link);
  });

  test("leaves no timer behind when the client closes", async () => {
    const scene = await onlineScene({ dials: [acceptWith({ onSubscribe: noAnswer })] });
    void outcomeOf(subscribe(scene, "a"));
    await promisesSettled();
    await scene.connection.close();
    await promisesSettled();
    expect(scene.clock.timerCount).toBe(0);
  });
});

describe("a publish that is never acknowledged", () => {
  /** Publishes on a link of which the broker acknowledges nothing: its oldest publish stays the same. */
  const unacknowledged = async (qos: 1 | 2, ms: number) => {
    const scene = await onlineScene({
      dials: [(dial) => Object.assign(dial.accept(), { onPublish: noAnswer }), accept],
    });
    scene.transport.link.oldestPublish = 1;
    const deadline = within(scene, { ms });
    return { scene, call: outcomeOf(scene.connection.publish(message("t", qos), deadline)) };
  };

  test("ends the link, and the next one takes it", async () => {
    const { scene, call } = await unacknowledged(1, 10_000);
    await scene.clock.advance(4_999);
    expect(scene.connection.state.kind).toBe("online");
    await scene.clock.advance(1);
    expect(scene.connection.state).toMatchObject({
      kind: "reconnecting",
      cause: { message: "no acknowledgement of a message within 5000 ms" },
    });
    await scene.clock.advance(125);
    expect(call).toEqual({ value: "delivered" });
  });

  test("ends the link although the call has ended before", async () => {
    const { scene, call } = await unacknowledged(2, 100);
    await scene.clock.advance(100);
    expect(call).toHaveProperty("error");
    await scene.clock.advance(4_900);
    expect(scene.connection.state.kind).toBe("reconnecting");
  });

  test("is told from one that is under way while others are acknowledged", async () => {
    const { scene } = await unacknowledged(1, 60_000);
    for (let oldest = 2; oldest < 8; oldest += 1) {
      await scene.clock.advance(3_000);
      scene.transport.link.oldestPublish = oldest;
    }
    expect(scene.connection.state.kind).toBe("online");
    await scene.clock.advance(10_000);
    expect(scene.transport.links).toHaveLength(2);
  });

  test("is noticed where it was held back at first", async () => {
    const { scene } = await unacknowledged(1, 60_000);
    scene.transport.link.oldestPublish = undefined;
    await scene.clock.advance(12_000);
    scene.transport.link.oldestPublish = 1;
    await scene.clock.advance(10_000);
    expect(scene.transport.links).toHaveLength(2);
  });

  test("is not watched on a link that was left before it was sent", async () => {
    const scene = connectionScene({ dials: [leaveOpen] });
    void outcomeOf(scene.connection.connect(within(scene)));
    void outcomeOf(scene.connection.publish(message("t", 1), within(scene)));
    await promisesSettled();
    scene.transport.dialAt(1).accept();
    for (let turn = 0; turn < 30 && scene.connection.link === undefined; turn += 1) {
      await Promise.resolve();
    }
    await scene.connection.close();
    await promisesSettled();
    expect(scene.clock.timerCount).toBe(0);
  });

  test("leaves no timer behind once nothing is under way", async () => {
    const { scene } = await unacknowledged(1, 100);
    scene.transport.link.oldestPublish = undefined;
    await scene.clock.advance(5_000);
    expect(scene.clock.timerCount).toBe(0);
    expect(scene.transport.links).toHaveLength(1);
  });
});

describe("a link over which nothing comes", () => {
  const probed = async (): Promise<Scene> => {
    const scene = await onlineScene();
    scene.connection.health.probe();
    return scene;
  };

  test("is probed, and ended when no answer comes in a short time", async () => {
    const scene = await probed();
    expect(scene.transport.log.at(-1)).toBe("1 probe");
    await scene.clock.advance(PROBE_MS - 1);
    expect(scene.connection.state.kind).toBe("online");
    await scene.clock.advance(1);
    expect(scene.connection.state).toMatchObject({
      kind: "reconnecting",
      cause: { message: "no answer to a ping within 2000 ms" },
    });
    await scene.clock.advance(125);
    expect(scene.connection.link).toBe(scene.transport.links[1]);
  });

  test("stays when anything comes", async () => {
    const scene = await probed();
    scene.transport.link.activity += 1;
    await scene.clock.advance(PROBE_MS);
    expect(scene.transport.links).toHaveLength(1);
    expect(scene.clock.timerCount).toBe(0);
  });

  test("is probed once at a time, and again later", async () => {
    const scene = await probed();
    const { health } = scene.connection;
    health.probe();
    scene.transport.link.activity += 1;
    await scene.clock.advance(PROBE_MS);
    health.probe();
    expect(scene.transport.log.filter((event) => event === "1 probe")).toHaveLength(2);
  });

  test("is probed, whatever came before: it may have died since", async () => {
    const scene = await onlineScene();
    scene.transport.link.activity += 1;
    scene.connection.health.probe();
    await scene.clock.advance(PROBE_MS);
    expect(scene.connection.state.kind).toBe("reconnecting");
  });

  test("is not probed when it is lost already", async () => {
    const scene = await onlineScene();
    scene.transport.link.lose();
    scene.connection.health.probe();
    expect(scene.transport.log).toEqual(["1 dial"]);
  });

  test("does not end the one that has taken its place", async () => {
    const scene = await probed();
    scene.transport.link.lose();
    await scene.clock.advance(125);
    await scene.clock.advance(PROBE_MS);
    expect(scene.connection.link).toBe(scene.transport.links[1]);
  });

  test.each(["close", "lose"] as const)("leaves no timer of its own behind: %s", async (end) => {
    const scene = await probed();
    if (end === "close") await scene.connection.close();
    else scene.transport.link.lose();
    await scene.clock.advance(125);
    expect(scene.clock.timerCount).toBe(0);
  });
});

test("the loss of a link that is no longer in use is not taken for that of the present one", async () => {
  const scene = await onlineScene();
  await scene.connection.close();
  await scene.connection.connect(within(scene));
  scene.transport.dialAt(1).request.onLost(new Error("late news"));
  await promisesSettled();
  expect(scene.connection.state.kind).toBe("online");
  expect(scene.connection.link).toBe(scene.transport.links[1]);
  await expect(scene.connection.publish(message("t", 1), within(scene))).resolves.toBe("delivered");
});
