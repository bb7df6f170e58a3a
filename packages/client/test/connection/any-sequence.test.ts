import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { QoS } from "../../src/transport/transport.ts";
import { promisesSettled } from "../runtime/manual-clock.ts";
import { unhandledDuring } from "../runtime/unhandled-rejections.ts";
import type { Scene } from "./connection-scene.ts";
import { connectionScene, message, within } from "./connection-scene.ts";
import type { ScriptedDial, ScriptedLink } from "./scripted-transport.ts";

/** Something that a user, a broker or the time does. */
type Act =
  | { readonly type: "connect"; readonly ms: number }
  | { readonly type: "publish"; readonly qos: QoS; readonly ms: number }
  | { readonly type: "subscribe" | "unsubscribe"; readonly filter: string }
  | { readonly type: "abort" | "close" | "accept" | "refuse" | "lose" }
  | { readonly type: "advance"; readonly ms: number };

const anyMs = fc.constantFrom(1, 100, 1_000, 20_000);
const anyFilter = fc.constantFrom("a", "b");

const anyAct: fc.Arbitrary<Act> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant("connect" as const), ms: anyMs }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("publish" as const),
      qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
      ms: anyMs,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constantFrom("subscribe" as const, "unsubscribe" as const),
      filter: anyFilter,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constantFrom("accept" as const, "lose" as const) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constantFrom("abort" as const, "close" as const, "refuse" as const),
    }),
  },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("advance" as const), ms: anyMs }) },
);

/** The act, and after how many turns of the promises the next one comes; undefined: when all have settled. */
const anyStep = fc.record({
  act: anyAct,
  turns: fc.option(fc.nat(12), { nil: undefined, freq: 2 }),
});

/** A scene in which anything may happen in any order. */
class Play {
  readonly scene: Scene = connectionScene({
    dials: [(dial) => void this.#expiries.set(dial, this.#now + dial.request.timeoutMs)],
    reconnect: { maxAttempts: 2 },
  });
  readonly links: ScriptedLink[] = [];
  readonly #expiries = new Map<ScriptedDial, number>();
  readonly #answered = new Set<ScriptedDial>();
  #controller = new AbortController();
  unsettledCalls = 0;
  unsettledConnects = 0;
  /** The state that the latest `connect()` to resolve has found. */
  foundByConnect: string | undefined;

  async take(act: Act): Promise<void> {
    const { connection, clock } = this.scene;
    switch (act.type) {
      case "connect":
        return this.#follow(this.#connect(act.ms));
      case "publish":
        return this.#follow(
          Promise.resolve(connection.publish(message("t", act.qos), this.#within(act.ms))),
        );
      case "subscribe":
        return this.#follow(
          connection.subscriptions.subscribe({ filter: act.filter, qos: 1 }, this.#within(500)),
        );
      case "unsubscribe":
        return this.#follow(connection.subscriptions.unsubscribe(act.filter, this.#within(500)));
      case "abort":
        this.#controller.abort(new Error("stopped"));
        this.#controller = new AbortController();
        return;
      case "close":
        return this.#follow(connection.close());
      case "accept":
        return this.#answer((dial) => this.links.push(dial.accept()));
      case "refuse":
        return this.#answer((dial) => dial.refuse(new Error("connection refused")));
      case "lose":
        this.links.at(-1)?.lose();
        return;
      case "advance":
        return clock.advance(act.ms);
    }
  }

  get openLinks(): readonly ScriptedLink[] {
    return this.links.filter(({ isOpen }) => isOpen);
  }

  /** Dials that the connection waits for. */
  get openDials(): readonly ScriptedDial[] {
    const { dials } = this.scene.transport;
    return dials.filter(
      (dial) =>
        !this.#answered.has(dial) &&
        !dial.request.signal.aborted &&
        (this.#expiries.get(dial) ?? 0) > this.#now,
    );
  }

  get #now(): number {
    return this.scene.clock.monotonicMs();
  }

  async #connect(ms: number): Promise<void> {
    const { connection } = this.scene;
    this.foundByConnect = undefined;
    this.unsettledConnects += 1;
    try {
      await connection.connect(this.#within(ms));
      this.foundByConnect = connection.state.kind;
    } finally {
      this.unsettledConnects -= 1;
    }
  }

  #within(ms: number) {
    return within(this.scene, { ms, signal: this.#controller.signal });
  }

  #answer(reaction: (dial: ScriptedDial) => unknown): void {
    const dial = this.scene.transport.dials.find((one) => !this.#answered.has(one));
    if (dial === undefined) return;
    this.#answered.add(dial);
    reaction(dial);
  }

  #follow(call: Promise<unknown>): void {
    this.unsettledCalls += 1;
    const settle = (): void => {
      this.unsettledCalls -= 1;
    };
    call.then(settle, settle);
  }
}

const expectSound = (play: Play): void => {
  const { connection } = play.scene;
  const { kind } = connection.state;
  expect(play.openLinks.length + play.openDials.length).toBeLessThanOrEqual(1);
  expect(connection.link).toBe(kind === "online" ? play.openLinks[0] : undefined);
  if (kind === "online") expect(connection.link).toBeDefined();
  if (kind === "idle" || kind === "closed") {
    expect(play.openLinks).toEqual([]);
    expect(play.unsettledCalls).toBe(0);
  }
  if (kind === "connecting") expect(play.unsettledConnects).toBeGreaterThan(0);
};

const expectNothingLeft = async (play: Play): Promise<void> => {
  const { connection, clock } = play.scene;
  await connection.close();
  await promisesSettled();
  expect(connection.state.kind).toBe("closed");
  expect(play.openLinks).toEqual([]);
  expect(play.unsettledCalls).toBe(0);
  expect(clock.timerCount).toBe(0);
};

test("whatever happens in whatever order, links and states agree and every call ends", async () => {
  const anyPlay = fc.array(anyStep, { minLength: 1, maxLength: 40 });
  const reasons = await unhandledDuring(() =>
    fc.assert(
      fc.asyncProperty(anyPlay, async (steps) => {
        const play = new Play();
        for (const { act, turns } of steps) {
          play.foundByConnect = undefined;
          await play.take(act);
          if (turns === undefined) {
            await promisesSettled();
            expectSound(play);
            if (act.type === "connect") expect(play.foundByConnect ?? "online").toBe("online");
          } else {
            for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
          }
        }
        await expectNothingLeft(play);
      }),
      { numRuns: 500 },
    ),
  );
  expect(reasons).toEqual([]);
});
