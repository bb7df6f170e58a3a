import { describe, expect, test } from "vitest";
import { SubscriptionRefusedError } from "../../src/errors/connection-errors.ts";
import { promisesSettled } from "../runtime/manual-clock.ts";
import { unhandledDuring } from "../runtime/unhandled-rejections.ts";
import type { Scene, SceneOptions } from "./connection-scene.ts";
import {
  TOO_LATE,
  connectionScene,
  message,
  onlineScene,
  outcomeOf,
  within,
} from "./connection-scene.ts";
import type { Reaction, ScriptedLink } from "./scripted-transport.ts";
import { accept, granted, noAnswer, refused } from "./scripted-transport.ts";

const STOPPED = new Error("stopped");

/** Accepts a dial with a broker that behaves as told. */
const acceptWith =
  (
    behaviour: Partial<Pick<ScriptedLink, "onSubscribe" | "onUnsubscribe" | "onPublish">>,
  ): Reaction =>
  (dial) =>
    Object.assign(dial.accept(), behaviour);

const refusing = (...filters: readonly string[]): Reaction =>
  acceptWith({
    onSubscribe: (subscription) =>
      filters.includes(subscription.filter) ? refused(subscription) : granted(subscription),
  });

/** Subscribes, and waits until that is done. */
const subscribe = ({ connection, ...scene }: Scene, filter: string): Promise<void> =>
  connection.subscriptions.subscribe({ filter, qos: 0 }, within(scene));

/** Online with the filter "a", the log emptied. */
const subscribedScene = async (options: SceneOptions = {}): Promise<Scene> => {
  const scene = await onlineScene(options);
  await subscribe(scene, "a");
  scene.transport.log.length = 0;
  return scene;
};

describe("subscribe", () => {
  test("waits for the broker's consent", async () => {
    const scene = await onlineScene();
    const consent: { give?: () => void } = {};
    scene.transport.link.onSubscribe = (subscription) =>
      new Promise((resolve) => {
        consent.give = () => resolve(granted(subscription));
      });
    const call = outcomeOf(subscribe(scene, "a"));
    await promisesSettled();
    expect(call).toEqual({});
    consent.give?.();
    await promisesSettled();
    expect(call).toEqual({ value: undefined });
  });

  test("sends one SUBSCRIBE for all users of a filter", async () => {
    const scene = await onlineScene();
    await Promise.all([subscribe(scene, "a"), subscribe(scene, "a")]);
    await subscribe(scene, "a");
    expect(scene.transport.log).toEqual(["1 dial", "1 subscribe a@0"]);
    expect(scene.connection.subscriptions.size).toBe(1);
  });

  test("sends another one for a higher QoS", async () => {
    const scene = await subscribedScene();
    await scene.connection.subscriptions.subscribe({ filter: "a", qos: 1 }, within(scene));
    expect(scene.transport.log).toEqual(["1 subscribe a@1"]);
  });

  test("rejects when the broker refuses, and holds nothing", async () => {
    const scene = await onlineScene({ dials: [refusing("secret")] });
    const call = outcomeOf(subscribe(scene, "secret"));
    await promisesSettled();
    expect(call.error).toBeInstanceOf(SubscriptionRefusedError);
    expect(call.error).toMatchObject({ filter: "secret", reasonCode: 135 });
    expect(scene.connection.subscriptions.size).toBe(0);
  });

  test("asks again after a refusal although somebody else holds the filter", async () => {
    const scene = await onlineScene({ dials: [refusing("secret")] });
    scene.connection.subscriptions.hold({ filter: "secret", qos: 0 });
    await subscribe(scene, "secret").catch(() => undefined);
    scene.transport.link.onSubscribe = granted;
    await subscribe(scene, "secret");
    expect(scene.transport.log.slice(1)).toEqual(["1 subscribe secret@0", "1 subscribe secret@0"]);
  });

  test("asks the broker again after a refusal", async () => {
    const scene = await onlineScene({ dials: [refusing("secret")] });
    await subscribe(scene, "secret").catch(() => undefined);
    scene.transport.link.onSubscribe = granted;
    await subscribe(scene, "secret");
    expect(scene.connection.subscriptions.size).toBe(1);
  });

  test("ends at its deadline, and lets go of the filter", async () => {
    const scene = await onlineScene({ dials: [acceptWith({ onSubscribe: noAnswer })] });
    const limits = within(scene, { ms: 100 });
    const call = outcomeOf(
      scene.connection.subscriptions.subscribe({ filter: "a", qos: 0 }, limits),
    );
    await scene.clock.advance(100);
    expect(call.error).toBe(TOO_LATE);
    expect(scene.connection.subscriptions.size).toBe(0);
    expect(scene.transport.log.at(-1)).toBe("1 unsubscribe a");
  });

  test("with a signal aborted before sends nothing, and is no unhandled rejection later", async () => {
    const scene = await onlineScene();
    const limits = within(scene, { signal: AbortSignal.abort(STOPPED) });
    const reasons = await unhandledDuring(async () => {
      const call = scene.connection.subscriptions.subscribe({ filter: "a", qos: 0 }, limits);
      await expect(call).rejects.toBe(STOPPED);
      scene.transport.link.lose();
    });
    expect(scene.transport.log).toEqual(["1 dial"]);
    expect(reasons).toEqual([]);
  });

  test("aborted on the way is no unhandled rejection when the link is lost later", async () => {
    const scene = await onlineScene({ dials: [acceptWith({ onSubscribe: noAnswer })] });
    const controller = new AbortController();
    const limits = within(scene, { signal: controller.signal });
    const reasons = await unhandledDuring(async () => {
      const call = outcomeOf(
        scene.connection.subscriptions.subscribe({ filter: "a", qos: 0 }, limits),
      );
      await promisesSettled();
      controller.abort(STOPPED);
      scene.transport.link.lose();
      await promisesSettled();
      expect(call.error).toBe(STOPPED);
    });
    expect(reasons).toEqual([]);
  });

  test("is made again on the next link when the link is lost on the way", async () => {
    const scene = await onlineScene({ dials: [acceptWith({ onSubscribe: noAnswer }), accept] });
    const call = outcomeOf(subscribe(scene, "a"));
    await promisesSettled();
    scene.transport.link.lose();
    await scene.clock.advance(125);
    expect(call).toEqual({ value: undefined });
    expect(scene.transport.log).toEqual(["1 dial", "1 subscribe a@0", "2 dial", "2 subscribe a@0"]);
  });

  test("waits for the next link where a call learns of the loss before the client does", async () => {
    const scene = await onlineScene({ dials: [acceptWith({ onSubscribe: noAnswer }), accept] });
    const call = outcomeOf(subscribe(scene, "a"));
    await promisesSettled();
    scene.transport.link.failCalls();
    await promisesSettled();
    expect(scene.transport.log).toEqual(["1 dial", "1 subscribe a@0", "1 unsubscribe a"]);
    scene.transport.link.lose();
    await scene.clock.advance(125);
    expect(call).toEqual({ value: undefined });
  });

  test("waits for an UNSUBACK that is under way", async () => {
    const scene = await subscribedScene();
    const unsuback: { give?: () => void } = {};
    scene.transport.link.onUnsubscribe = () =>
      new Promise((resolve) => {
        unsuback.give = resolve;
      });
    scene.connection.subscriptions.release("a");
    const call = outcomeOf(subscribe(scene, "b"));
    await promisesSettled();
    expect(scene.transport.log).toEqual(["1 unsubscribe a"]);
    unsuback.give?.();
    await promisesSettled();
    expect(scene.transport.log).toEqual(["1 unsubscribe a", "1 subscribe b@0"]);
    expect(call).toEqual({ value: undefined });
  });
});

describe("a filter let go meanwhile", () => {
  test("is not subscribed after the wait for an UNSUBACK", async () => {
    const scene = await subscribedScene();
    const unsuback: { give?: () => void } = {};
    scene.transport.link.onUnsubscribe = (filters) =>
      filters.includes("a")
        ? new Promise((resolve) => {
            unsuback.give = resolve;
          })
        : undefined;
    scene.connection.subscriptions.release("a");
    const controller = new AbortController();
    const limits = within(scene, { signal: controller.signal });
    const call = outcomeOf(
      scene.connection.subscriptions.subscribe({ filter: "b", qos: 0 }, limits),
    );
    await promisesSettled();
    controller.abort(STOPPED);
    await promisesSettled();
    expect(call.error).toBe(STOPPED);
    unsuback.give?.();
    await promisesSettled();
    expect(scene.transport.log).toEqual(["1 unsubscribe a", "1 unsubscribe b"]);
    expect(scene.connection.subscriptions.size).toBe(0);
  });
});

describe("unsubscribe", () => {
  test("is sent with the last user of the filter", async () => {
    const scene = await subscribedScene();
    await subscribe(scene, "a");
    await scene.connection.subscriptions.unsubscribe("a", within(scene));
    expect(scene.transport.log).toEqual([]);
    await scene.connection.subscriptions.unsubscribe("a", within(scene));
    expect(scene.transport.log).toEqual(["1 unsubscribe a"]);
    expect(scene.connection.subscriptions.size).toBe(0);
  });

  test("of what nobody holds sends nothing", async () => {
    const scene = await onlineScene();
    await scene.connection.subscriptions.unsubscribe("a", within(scene));
    scene.connection.subscriptions.release("a");
    expect(scene.transport.log).toEqual(["1 dial"]);
  });

  test("ends at its deadline", async () => {
    const scene = await subscribedScene();
    scene.transport.link.onUnsubscribe = noAnswer;
    const call = outcomeOf(
      scene.connection.subscriptions.unsubscribe("a", within(scene, { ms: 100 })),
    );
    await scene.clock.advance(100);
    expect(call.error).toBe(TOO_LATE);
  });

  test("across a lost link is done: the broker has forgotten the filter", async () => {
    const scene = await subscribedScene();
    scene.transport.link.onUnsubscribe = noAnswer;
    const call = outcomeOf(scene.connection.subscriptions.unsubscribe("a", within(scene)));
    await promisesSettled();
    scene.transport.link.lose();
    await scene.clock.advance(125);
    expect(call).toEqual({ value: undefined });
    expect(scene.transport.log).toEqual(["1 unsubscribe a", "2 dial"]);
  });

  test("while reconnecting keeps the filter from coming back", async () => {
    const scene = await subscribedScene();
    scene.transport.link.lose();
    await scene.connection.subscriptions.unsubscribe("a", within(scene));
    await scene.clock.advance(125);
    expect(scene.transport.log).toEqual(["2 dial"]);
  });

  test("while the subscriptions come back undoes the one under way", async () => {
    const consent: { give?: () => void } = {};
    const scene = await subscribedScene({
      dials: [
        accept,
        acceptWith({
          onSubscribe: (subscription) =>
            new Promise((resolve) => {
              consent.give = () => resolve(granted(subscription));
            }),
        }),
      ],
    });
    scene.transport.link.lose();
    await scene.clock.advance(125);
    await scene.connection.subscriptions.unsubscribe("a", within(scene));
    consent.give?.();
    await promisesSettled();
    expect(scene.connection.state.kind).toBe("online");
    expect(scene.transport.log).toEqual(["2 dial", "2 subscribe a@0", "2 unsubscribe a"]);
  });
});

describe("a filter held before connect", () => {
  test("is subscribed before connect() resolves", async () => {
    const scene = connectionScene();
    scene.connection.subscriptions.hold({ filter: "a", qos: 1 });
    scene.connection.subscriptions.hold({ filter: "b", qos: 0 });
    await scene.connection.connect(within(scene));
    expect(scene.transport.log).toEqual(["1 dial", "1 subscribe a@1 b@0"]);
  });

  test("that the broker refuses fails connect() and closes the link", async () => {
    const scene = connectionScene({ dials: [refusing("b")] });
    for (const filter of ["a", "b", "c"]) scene.connection.subscriptions.hold({ filter, qos: 0 });
    const call = outcomeOf(scene.connection.connect(within(scene)));
    await promisesSettled();
    expect(call.error).toBeInstanceOf(SubscriptionRefusedError);
    expect(call.error).toMatchObject({ filter: "b" });
    expect(scene.transport.link.isClosed).toBe(true);
    expect(scene.states).toEqual(["connecting", "closed"]);
  });

  test("whose refusal is tolerated is logged, and connect() succeeds", async () => {
    const scene = connectionScene({
      dials: [refusing("b")],
      toleratesRefusal: (filter) => filter === "b",
    });
    scene.connection.subscriptions.hold({ filter: "b", qos: 0 });
    await scene.connection.connect(within(scene));
    expect(scene.logged).toContainEqual({
      level: "warn",
      message: "the broker refused a subscription",
      fields: { filter: "b", reasonCode: 135 },
    });
  });
});

describe("after a lost link", () => {
  test("every filter is back before anything else is sent", async () => {
    const scene = await onlineScene();
    await scene.connection.subscriptions.subscribe({ filter: "a", qos: 0 }, within(scene));
    await scene.connection.subscriptions.subscribe({ filter: "b", qos: 2 }, within(scene));
    scene.transport.log.length = 0;
    scene.transport.link.lose();
    const calls = [
      outcomeOf(scene.connection.publish(message("t", 1), within(scene))),
      outcomeOf(subscribe(scene, "c")),
    ];
    await scene.clock.advance(125);
    expect(scene.transport.log).toEqual([
      "2 dial",
      "2 subscribe a@0 b@2",
      "2 publish t",
      "2 subscribe c@0",
    ]);
    expect(calls).toEqual([{ value: "delivered" }, { value: undefined }]);
  });

  test("nothing is sent until the broker has consented to every filter", async () => {
    const scene = await subscribedScene({
      dials: [accept, acceptWith({ onSubscribe: noAnswer })],
    });
    scene.transport.link.lose();
    const call = outcomeOf(scene.connection.publish(message("t"), within(scene)));
    await scene.clock.advance(125);
    expect(scene.transport.log).toEqual(["2 dial", "2 subscribe a@0"]);
    expect(call).toEqual({});
  });

  test("a refused filter is logged, and asked for again on the link after that", async () => {
    const scene = await subscribedScene({ dials: [accept, refusing("a"), accept] });
    scene.transport.link.lose();
    await scene.clock.advance(125);
    expect(scene.connection.state.kind).toBe("online");
    expect(scene.logged).toContainEqual({
      level: "error",
      message: "the broker refused a subscription",
      fields: { filter: "a", reasonCode: 135 },
    });
    scene.transport.link.lose();
    await scene.clock.advance(250);
    expect(scene.transport.log.slice(-2)).toEqual(["3 dial", "3 subscribe a@0"]);
  });

  test("a filter that was refused there is asked for by the next subscribe()", async () => {
    const scene = await subscribedScene({ dials: [accept, refusing("a")] });
    scene.transport.link.lose();
    await scene.clock.advance(125);
    expect(scene.connection.subscriptions.isGranted("a")).toBe(false);
    scene.transport.link.onSubscribe = granted;
    await subscribe(scene, "a");
    expect(scene.transport.log).toEqual(["2 dial", "2 subscribe a@0", "2 subscribe a@0"]);
  });

  test("a filter that was granted there is not asked for again", async () => {
    const scene = await onlineScene({ dials: [refusing("a"), accept] });
    scene.connection.subscriptions.hold({ filter: "a", qos: 0 });
    await subscribe(scene, "a").catch(() => undefined);
    scene.transport.log.length = 0;
    scene.transport.link.lose();
    await scene.clock.advance(125);
    await subscribe(scene, "a");
    expect(scene.connection.subscriptions.isGranted("a")).toBe(true);
    expect(scene.transport.log).toEqual(["2 dial", "2 subscribe a@0"]);
  });

  test("no SUBSCRIBE is sent where there is nothing to subscribe", async () => {
    const scene = await onlineScene();
    scene.transport.link.lose();
    await scene.clock.advance(125);
    expect(scene.transport.log).toEqual(["1 dial", "2 dial"]);
  });
});
