import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ConnectionEvent, ConnectionState } from "../../src/connection/state.ts";
import { STABLE_LINK_MS, transition } from "../../src/connection/state.ts";

const CAUSE = new Error("why it was");
const OTHER = new Error("what happened now");
const NO_LIMIT = { maxAttempts: Infinity };

const IDLE: ConnectionState = { kind: "idle" };
const CONNECTING: ConnectionState = { kind: "connecting" };
const ONLINE: ConnectionState = { kind: "online", since: 1_000, attempt: 2 };
const RECONNECTING: ConnectionState = { kind: "reconnecting", attempt: 3, cause: CAUSE };
const CLOSED: ConnectionState = { kind: "closed" };
const FAILED: ConnectionState = { kind: "closed", cause: CAUSE };

const DIAL: ConnectionEvent = { type: "dial" };
const OPENED: ConnectionEvent = { type: "opened", at: 2_000 };
const DIAL_FAILED: ConnectionEvent = { type: "failed", cause: OTHER };
const LOST_SOON: ConnectionEvent = { type: "lost", at: 1_000 + STABLE_LINK_MS - 1, cause: OTHER };
const LOST_LATE: ConnectionEvent = { type: "lost", at: 1_000 + STABLE_LINK_MS, cause: OTHER };
const CLOSE: ConnectionEvent = { type: "close" };

const SAME = "the same";

interface Row {
  readonly from: string;
  readonly state: ConnectionState;
  readonly by: string;
  readonly event: ConnectionEvent;
  readonly to: ConnectionState | typeof SAME;
}

/** The rows of one state: the name of each event, the event, and where it leads. */
const rows = (
  from: string,
  state: ConnectionState,
  arrows: readonly (readonly [by: string, event: ConnectionEvent, to: Row["to"]])[],
): readonly Row[] => arrows.map(([by, event, to]) => ({ from, state, by, event, to }));

const TABLE: readonly Row[] = [
  ...rows("idle", IDLE, [
    ["dial", DIAL, CONNECTING],
    ["opened", OPENED, SAME],
    ["failed", DIAL_FAILED, SAME],
    ["lost", LOST_LATE, SAME],
    ["close", CLOSE, CLOSED],
  ]),
  ...rows("connecting", CONNECTING, [
    ["dial", DIAL, SAME],
    ["opened", OPENED, { kind: "online", since: 2_000, attempt: 0 }],
    ["failed", DIAL_FAILED, { kind: "closed", cause: OTHER }],
    ["lost", LOST_LATE, SAME],
    ["close", CLOSE, CLOSED],
  ]),
  ...rows("online", ONLINE, [
    ["dial", DIAL, SAME],
    ["opened", OPENED, SAME],
    ["failed", DIAL_FAILED, SAME],
    ["lost late", LOST_LATE, { kind: "reconnecting", attempt: 1, cause: OTHER }],
    ["lost soon", LOST_SOON, { kind: "reconnecting", attempt: 3, cause: OTHER }],
    ["close", CLOSE, CLOSED],
  ]),
  ...rows("reconnecting", RECONNECTING, [
    ["dial", DIAL, SAME],
    ["opened", OPENED, { kind: "online", since: 2_000, attempt: 3 }],
    ["failed", DIAL_FAILED, { kind: "reconnecting", attempt: 4, cause: OTHER }],
    ["lost", LOST_LATE, SAME],
    ["close", CLOSE, CLOSED],
  ]),
  ...rows("closed", CLOSED, [
    ["dial", DIAL, CONNECTING],
    ["opened", OPENED, SAME],
    ["failed", DIAL_FAILED, SAME],
    ["lost", LOST_LATE, SAME],
    ["close", CLOSE, SAME],
  ]),
  ...rows("closed by an error", FAILED, [
    ["dial", DIAL, CONNECTING],
    ["opened", OPENED, SAME],
    ["failed", DIAL_FAILED, SAME],
    ["lost", LOST_LATE, SAME],
    ["close", CLOSE, CLOSED],
  ]),
];

describe("transition", () => {
  test.each(TABLE)("from $from by $by", ({ state, event, to }) => {
    const next = transition(state, event, NO_LIMIT);
    if (to === SAME) expect(next).toBe(state);
    else expect(next).toEqual(to);
  });

  test("a lost link closes at once when nothing is to be tried again", () => {
    expect(transition(ONLINE, LOST_LATE, { maxAttempts: 0 })).toEqual({
      kind: "closed",
      cause: OTHER,
    });
  });

  test("as many dials in a row may fail as the limit says, and not one more", () => {
    const limit = { maxAttempts: 3 };
    let state = transition(ONLINE, LOST_LATE, limit);
    const kinds: string[] = [];
    for (let dial = 1; dial <= 3; dial += 1) {
      state = transition(state, DIAL_FAILED, limit);
      kinds.push(state.kind);
    }
    expect(kinds).toEqual(["reconnecting", "reconnecting", "closed"]);
  });

  test("a link that lasted starts the count anew, one that flaps does not", () => {
    const online: ConnectionState = { kind: "online", since: 0, attempt: 7 };
    const lostAt = (at: number) =>
      transition(online, { type: "lost", at, cause: CAUSE }, { maxAttempts: 7 });
    expect(lostAt(STABLE_LINK_MS)).toMatchObject({ kind: "reconnecting", attempt: 1 });
    expect(lostAt(STABLE_LINK_MS - 1)).toMatchObject({ kind: "closed" });
  });
});

const anyEvent: fc.Arbitrary<ConnectionEvent> = fc.oneof(
  fc.constant<ConnectionEvent>(DIAL),
  fc.constant<ConnectionEvent>(CLOSE),
  fc.constant<ConnectionEvent>(DIAL_FAILED),
  fc.nat(20_000).map((at): ConnectionEvent => ({ type: "opened", at })),
  fc.nat(20_000).map((at): ConnectionEvent => ({ type: "lost", at, cause: OTHER })),
);

/** States that an event may lead to, from each kind. */
const REACHABLE: Readonly<Record<ConnectionState["kind"], readonly ConnectionState["kind"][]>> = {
  idle: ["connecting", "closed"],
  connecting: ["online", "closed"],
  online: ["reconnecting", "closed"],
  reconnecting: ["online", "reconnecting", "closed"],
  closed: ["connecting", "closed"],
};

const attemptOf = (state: ConnectionState): number => ("attempt" in state ? state.attempt : 0);

describe("any sequence of events", () => {
  const anyRun = fc.record({
    events: fc.array(anyEvent, { maxLength: 40 }),
    maxAttempts: fc.oneof(fc.nat(5), fc.constant(Infinity)),
  });

  const expectEachStep = (
    check: (step: {
      before: ConnectionState;
      after: ConnectionState;
      event: ConnectionEvent;
      maxAttempts: number;
    }) => void,
  ): void => {
    fc.assert(
      fc.property(anyRun, ({ events, maxAttempts }) => {
        let before: ConnectionState = IDLE;
        for (const event of events) {
          const after = transition(before, event, { maxAttempts });
          check({ before, after, event, maxAttempts });
          before = after;
        }
      }),
    );
  };

  test("moves along the arrows of the machine only", () => {
    expectEachStep(({ before, after }) => {
      if (after !== before) expect(REACHABLE[before.kind]).toContain(after.kind);
    });
  });

  test("never tries more often than the limit says", () => {
    expectEachStep(({ after, maxAttempts }) => {
      expect(attemptOf(after)).toBeLessThanOrEqual(maxAttempts);
    });
  });

  test("is ended by close from everywhere, without a cause", () => {
    expectEachStep(({ after, maxAttempts }) => {
      expect(transition(after, CLOSE, { maxAttempts })).toEqual(CLOSED);
    });
  });

  test("never changes the state that it starts from", () => {
    expectEachStep(({ before, event, maxAttempts }) => {
      const copy = { ...before };
      transition(before, event, { maxAttempts });
      expect(before).toEqual(copy);
    });
  });

  test("keeps the cause of the latest failure in every state that has one", () => {
    expectEachStep(({ before, after, event }) => {
      if (after !== before && after.kind === "reconnecting") {
        expect(after.cause).toBe("cause" in event ? event.cause : undefined);
      }
    });
  });
});
