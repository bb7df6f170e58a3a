import { describe, expect, test } from "vitest";
import { STABLE_LINK_MS } from "../../src/connection/state.ts";
import type { Scene } from "./connection-scene.ts";
import { message as publication, onlineScene, outcomeOf, within } from "./connection-scene.ts";

const TWIN =
  "3 links in a row were lost soon after they were opened; most likely another client has the identifier " +
  '"device", too, and the broker lets the two evict each other: give each its own, or set ' +
  "ensureUniqueIdentifier (session taken over)";

/** Loses the link, and waits for the next one. */
const lose = async ({ transport, clock }: Scene): Promise<void> => {
  transport.link.lose(new Error("session taken over"));
  await clock.advance(clock.nextTimerMs ?? 0);
};

/** What the log says of the links that were lost. */
const losses = ({ logged }: Scene): readonly string[] =>
  logged
    .filter(({ message }) => message === "the link to the broker is lost")
    .map(({ fields }) => (fields["error"] as Error).message);

describe("links that are lost again and again soon after they were opened", () => {
  test("tell of the likely twin in the log and in the state's cause", async () => {
    const scene = await onlineScene();
    await lose(scene);
    await lose(scene);
    expect(losses(scene)).toEqual(["session taken over", "session taken over"]);
    scene.transport.link.lose(new Error("session taken over"));
    expect(scene.connection.state).toMatchObject({
      kind: "reconnecting",
      cause: { message: TWIN, cause: { message: "session taken over" } },
    });
    expect(scene.logged).toContainEqual({
      level: "warn",
      message: "the link to the broker is lost",
      fields: { error: expect.objectContaining({ message: TWIN }) as unknown },
    });
  });

  test("tell of it whom they make wait in vain", async () => {
    const scene = await onlineScene();
    await lose(scene);
    await lose(scene);
    scene.transport.link.lose(new Error("session taken over"));
    const told: unknown[] = [];
    const deadline = {
      ...within(scene, { ms: 100 }),
      timeoutError: (why?: Error) => {
        told.push(why?.message);
        return new Error("too late");
      },
    };
    const call = outcomeOf(scene.connection.publish(publication("t"), deadline));
    await scene.clock.advance(100);
    expect(call.error).toEqual(new Error("too late"));
    expect(told).toEqual([TWIN]);
  });

  test("are forgotten by one that lasts", async () => {
    const scene = await onlineScene();
    await lose(scene);
    await lose(scene);
    await scene.clock.advance(STABLE_LINK_MS);
    await lose(scene);
    await lose(scene);
    expect(new Set(losses(scene))).toEqual(new Set(["session taken over"]));
  });
});
