import { describe, expect, test } from "vitest";
import { STABLE_LINK_MS } from "../../src/connection/state.ts";
import { ClientClosedError } from "../../src/errors/connection-errors.ts";
import { promisesSettled } from "../runtime/manual-clock.ts";
import { TOO_LATE, message, onlineScene, outcomeOf, within } from "./connection-scene.ts";
import type { Scene } from "./connection-scene.ts";
import type { ScriptedDial, ScriptedLink } from "./scripted-transport.ts";
import { accept, leaveOpen, noAnswer, refuse } from "./scripted-transport.ts";

/** Lets the link break, and returns how long the connection pauses before it dials. */
const pauseAfterLoss = async ({ transport, clock }: Scene): Promise<number | undefined> => {
  transport.link.lose();
  await promisesSettled();
  return clock.nextTimerMs;
};

describe("a lost link", () => {
  test("is replaced after a pause", async () => {
    const scene = await onlineScene();
    expect(await pauseAfterLoss(scene)).toBe(125);
    expect(scene.connection.state.kind).toBe("reconnecting");
    await scene.clock.advance(124);
    expect(scene.transport.dials).toHaveLength(1);
    await scene.clock.advance(1);
    expect(scene.states).toEqual(["connecting", "online", "reconnecting", "online"]);
    expect(scene.connection.link).toBe(scene.transport.links[1]);
    expect(scene.clock.timerCount).toBe(0);
  });

  test("is told of with its cause", async () => {
    const scene = await onlineScene();
    const cause = new Error("read ECONNRESET");
    scene.transport.link.lose(cause);
    expect(scene.connection.state).toMatchObject({ kind: "reconnecting", cause });
    expect(scene.logged).toContainEqual({
      level: "warn",
      message: "the link to the broker is lost",
      fields: { error: cause },
    });
  });

  test("pauses longer after every dial that fails", async () => {
    const scene = await onlineScene({ dials: [accept, refuse] });
    const pauses = [await pauseAfterLoss(scene)];
    for (let dial = 0; dial < 8; dial += 1) {
      await scene.clock.advance(scene.clock.nextTimerMs ?? 0);
      pauses.push(scene.clock.nextTimerMs);
    }
    expect(pauses).toEqual([125, 250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
  });

  test("is dialled for with a deadline each time", async () => {
    const scene = await onlineScene({ dials: [accept, leaveOpen], dialTimeoutMs: 400 });
    await pauseAfterLoss(scene);
    await scene.clock.advance(125);
    expect(scene.transport.dialAt(2).request.timeoutMs).toBe(400);
    await scene.clock.advance(400);
    expect(scene.connection.state).toMatchObject({ kind: "reconnecting", attempt: 2 });
    await scene.clock.advance(250);
    expect(scene.transport.dials).toHaveLength(3);
  });

  test("that breaks again and again pauses longer each time", async () => {
    const scene = await onlineScene();
    const pauses: (number | undefined)[] = [];
    for (let loss = 0; loss < 5; loss += 1) {
      const pauseMs = await pauseAfterLoss(scene);
      pauses.push(pauseMs);
      await scene.clock.advance(pauseMs ?? 0);
    }
    expect(pauses).toEqual([125, 250, 500, 1_000, 2_000]);
  });

  test("that lasted a while pauses as after the first loss", async () => {
    const scene = await onlineScene();
    for (let loss = 0; loss < 3; loss += 1) {
      await scene.clock.advance((await pauseAfterLoss(scene)) ?? 0);
    }
    await scene.clock.advance(STABLE_LINK_MS);
    expect(await pauseAfterLoss(scene)).toBe(125);
  });

  test("closes the connection at once where nothing is to be tried again", async () => {
    const scene = await onlineScene({ reconnect: { maxAttempts: 0 } });
    const cause = new Error("the cable was pulled");
    scene.transport.link.lose(cause);
    await promisesSettled();
    expect(scene.connection.state).toEqual({ kind: "closed", cause });
    expect(scene.clock.timerCount).toBe(0);
  });

  test("closes the connection when the last attempt failed, and ends what waits for it", async () => {
    const scene = await onlineScene({ dials: [accept, refuse], reconnect: { maxAttempts: 2 } });
    scene.transport.link.lose();
    const publish = outcomeOf(scene.connection.publish(message("a"), within(scene)));
    const connect = outcomeOf(scene.connection.connect(within(scene)));
    await scene.clock.advance(1_000);
    expect(scene.transport.dials).toHaveLength(3);
    expect(scene.states.at(-1)).toBe("closed");
    expect(publish.error).toBeInstanceOf(ClientClosedError);
    expect(connect.error).toBeInstanceOf(ClientClosedError);
    expect(scene.clock.timerCount).toBe(0);
  });

  test("can be dialled for by connect() after the last attempt failed", async () => {
    const scene = await onlineScene({
      dials: [accept, refuse, accept],
      reconnect: { maxAttempts: 1 },
    });
    scene.transport.link.lose();
    await scene.clock.advance(1_000);
    expect(scene.connection.state.kind).toBe("closed");
    await scene.connection.connect(within(scene));
    expect(scene.connection.state.kind).toBe("online");
  });

  test("while the subscriptions come back is a failed attempt", async () => {
    const scene = await onlineScene({
      dials: [accept, (dial) => Object.assign(dial.accept(), { onSubscribe: noAnswer }), accept],
    });
    await scene.connection.subscriptions.subscribe({ filter: "a", qos: 0 }, within(scene));
    scene.transport.link.lose();
    await scene.clock.advance(125);
    expect(scene.connection.state.kind).toBe("reconnecting");
    scene.transport.link.lose();
    await promisesSettled();
    expect(scene.connection.state).toMatchObject({ kind: "reconnecting", attempt: 2 });
    await scene.clock.advance(250);
    expect(scene.connection.link).toBe(scene.transport.links[2]);
  });

  test("is noticed at any moment after it was opened", async () => {
    for (let turns = 0; turns < 30; turns += 1) {
      const loseLink = async (link: ScriptedLink): Promise<void> => {
        for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
        link.lose();
      };
      const acceptForMoments = (dial: ScriptedDial): ScriptedLink => {
        const link = dial.accept();
        void loseLink(link);
        return link;
      };
      const scene = await onlineScene({ dials: [accept, acceptForMoments, accept] });
      await scene.connection.subscriptions.subscribe({ filter: "a", qos: 0 }, within(scene));
      scene.transport.link.lose();
      await scene.clock.advance(125);
      expect(scene.connection.state.kind).toBe("reconnecting");
      await scene.clock.advance(1_000);
      expect(scene.connection.state.kind).toBe("online");
      expect(scene.connection.link).toBe(scene.transport.links[2]);
    }
  });
});

describe("while reconnecting", () => {
  test("connect() waits for the link", async () => {
    const scene = await onlineScene();
    scene.transport.link.lose();
    const connect = outcomeOf(scene.connection.connect(within(scene)));
    await scene.clock.advance(124);
    expect(connect).toEqual({});
    await scene.clock.advance(1);
    expect(connect).toEqual({ value: undefined });
    expect(scene.transport.dials).toHaveLength(2);
  });

  test("connect() that gives up leaves the reconnecting alone", async () => {
    const scene = await onlineScene();
    scene.transport.link.lose();
    const connect = outcomeOf(scene.connection.connect(within(scene, { ms: 50 })));
    await scene.clock.advance(50);
    expect(connect.error).toBe(TOO_LATE);
    await scene.clock.advance(75);
    expect(scene.connection.state.kind).toBe("online");
  });

  test("calls wait for the link and are then made in order", async () => {
    const scene = await onlineScene();
    scene.transport.link.lose();
    const calls = ["a", "b", "c"].map((topic) =>
      outcomeOf(scene.connection.publish(message(topic), within(scene))),
    );
    await scene.clock.advance(125);
    expect(calls).toEqual([{ value: "sent" }, { value: "sent" }, { value: "sent" }]);
    expect(scene.transport.link.sent.map(({ topic }) => topic)).toEqual(["a", "b", "c"]);
  });

  test("calls end at their deadlines", async () => {
    const scene = await onlineScene({ dials: [accept, leaveOpen] });
    scene.transport.link.lose();
    const call = outcomeOf(scene.connection.publish(message("a"), within(scene, { ms: 300 })));
    await scene.clock.advance(299);
    expect(call).toEqual({});
    await scene.clock.advance(1);
    expect(call.error).toBe(TOO_LATE);
  });

  test("close() during the pause ends everything", async () => {
    const scene = await onlineScene();
    scene.transport.link.lose();
    const call = outcomeOf(scene.connection.publish(message("a"), within(scene)));
    await promisesSettled();
    await scene.connection.close();
    await promisesSettled();
    expect(call.error).toBeInstanceOf(ClientClosedError);
    expect(scene.logged.map(({ message: text }) => text)).not.toContain(
      "could not reconnect to the broker",
    );
    expect(scene.clock.timerCount).toBe(0);
    await scene.clock.advance(60_000);
    expect(scene.transport.dials).toHaveLength(1);
  });

  test("close() during the dial ends it, and closes the link that comes all the same", async () => {
    const scene = await onlineScene({ dials: [accept, leaveOpen] });
    scene.transport.link.lose();
    await scene.clock.advance(125);
    await scene.connection.close();
    await promisesSettled();
    expect(scene.transport.dialAt(2).request.signal.aborted).toBe(true);
    const link = scene.transport.dialAt(2).accept();
    await promisesSettled();
    expect(link.isClosed).toBe(true);
    expect(scene.states.at(-1)).toBe("closed");
    expect(scene.clock.timerCount).toBe(0);
  });

  test("a new connect() after close() is not disturbed by the old attempts", async () => {
    const scene = await onlineScene();
    scene.transport.link.lose();
    await promisesSettled();
    await scene.connection.close();
    await scene.connection.connect(within(scene));
    await scene.clock.advance(60_000);
    expect(scene.transport.dials).toHaveLength(2);
    expect(scene.connection.state.kind).toBe("online");
  });
});
