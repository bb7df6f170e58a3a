import { describe, expect, test } from "vitest";
import { ConnectionFailedError } from "../../src/errors/connection-failed-error.ts";
import { ClientClosedError, NotConnectedError } from "../../src/errors/connection-errors.ts";
import { promisesSettled } from "../runtime/manual-clock.ts";
import {
  BROKER,
  TOO_LATE,
  connectionScene,
  message,
  onlineScene,
  outcomeOf,
  within,
} from "./connection-scene.ts";
import { accept, leaveOpen, noAnswer, refuse } from "./scripted-transport.ts";

const STOPPED = new Error("stopped");

describe("connect", () => {
  test("dials and goes online", async () => {
    const { connection, states, transport } = await onlineScene();
    expect(states).toEqual(["connecting", "online"]);
    expect(connection.link).toBe(transport.link);
  });

  test("does nothing when online", async () => {
    const scene = await onlineScene();
    await scene.connection.connect(within(scene));
    expect(scene.transport.dials).toHaveLength(1);
  });

  test("calls made at the same time share one dial", async () => {
    const scene = connectionScene({ dials: [leaveOpen] });
    const calls = [1, 2, 3].map(() => outcomeOf(scene.connection.connect(within(scene))));
    await promisesSettled();
    scene.transport.dialAt(1).accept();
    await promisesSettled();
    expect(calls).toEqual([{ value: undefined }, { value: undefined }, { value: undefined }]);
    expect(scene.transport.dials).toHaveLength(1);
  });

  test("calls made at the same time share one failure", async () => {
    const scene = connectionScene({ dials: [refuse] });
    const calls = [1, 2].map(() => outcomeOf(scene.connection.connect(within(scene))));
    await promisesSettled();
    expect(calls[0]?.error).toBeInstanceOf(ConnectionFailedError);
    expect(calls[1]?.error).toBe(calls[0]?.error);
    expect(scene.states).toEqual(["connecting", "closed"]);
  });

  test("can be called again after a failure, and dials again", async () => {
    const scene = connectionScene({ dials: [refuse, accept] });
    await expect(scene.connection.connect(within(scene))).rejects.toThrow("connection refused");
    await scene.connection.connect(within(scene));
    expect(scene.states).toEqual(["connecting", "closed", "connecting", "online"]);
  });

  test("ends at its own deadline", async () => {
    const scene = connectionScene({ dials: [leaveOpen] });
    const call = outcomeOf(scene.connection.connect(within(scene, { ms: 100 })));
    await scene.clock.advance(100);
    expect(call.error).toBe(TOO_LATE);
  });

  test("lasts as long as one of its callers waits", async () => {
    const scene = connectionScene({ dials: [leaveOpen], dialTimeoutMs: 100 });
    const hasty = outcomeOf(scene.connection.connect(within(scene, { ms: 50 })));
    const patient = outcomeOf(scene.connection.connect(within(scene, { ms: 60_000 })));
    await scene.clock.advance(59_999);
    expect([hasty, patient]).toEqual([{ error: TOO_LATE }, {}]);
    scene.transport.dialAt(1).accept();
    await promisesSettled();
    expect(patient).toEqual({ value: undefined });
  });

  test("rejects with the reason of a signal aborted before, and does not dial", async () => {
    const scene = connectionScene();
    const limits = within(scene, { signal: AbortSignal.abort(STOPPED) });
    await expect(scene.connection.connect(limits)).rejects.toBe(STOPPED);
    expect(scene.transport.dials).toHaveLength(0);
    expect(scene.states).toEqual([]);
  });

  test("leaves no timer behind once online", async () => {
    const scene = await onlineScene();
    expect(scene.clock.timerCount).toBe(0);
  });
});

describe("connect, aborted", () => {
  test("by one of two callers, goes on for the other", async () => {
    const scene = connectionScene({ dials: [leaveOpen] });
    const controller = new AbortController();
    const limits = within(scene, { signal: controller.signal });
    const aborted = outcomeOf(scene.connection.connect(limits));
    const other = outcomeOf(scene.connection.connect(within(scene)));
    await promisesSettled();
    controller.abort(STOPPED);
    await promisesSettled();
    expect(aborted.error).toBe(STOPPED);
    expect(scene.transport.dialAt(1).request.signal.aborted).toBe(false);
    scene.transport.dialAt(1).accept();
    await promisesSettled();
    expect(other).toEqual({ value: undefined });
    expect(scene.connection.state.kind).toBe("online");
  });

  test("by all of its callers, ends the dial", async () => {
    const scene = connectionScene({ dials: [leaveOpen] });
    const controllers = [new AbortController(), new AbortController()];
    const calls = controllers.map(({ signal }) =>
      outcomeOf(scene.connection.connect(within(scene, { signal }))),
    );
    await promisesSettled();
    for (const controller of controllers) controller.abort(STOPPED);
    await promisesSettled();
    expect(calls).toEqual([{ error: STOPPED }, { error: STOPPED }]);
    expect(scene.transport.dialAt(1).request.signal.aborted).toBe(true);
    expect(scene.states).toEqual(["connecting", "closed"]);
    expect(scene.clock.timerCount).toBe(0);
  });

  test("can be called again at once, and dials anew", async () => {
    const scene = connectionScene({ dials: [leaveOpen, accept] });
    const controller = new AbortController();
    const limits = within(scene, { signal: controller.signal });
    const retried = scene.connection
      .connect(limits)
      .catch(() => scene.connection.connect(within(scene)));
    await promisesSettled();
    controller.abort(STOPPED);
    await retried;
    expect(scene.transport.dials).toHaveLength(2);
    expect(scene.connection.state.kind).toBe("online");
  });

  test("closes a link that comes too late", async () => {
    const scene = connectionScene({ dials: [leaveOpen] });
    const call = outcomeOf(scene.connection.connect(within(scene, { ms: 100 })));
    await scene.clock.advance(100);
    const link = scene.transport.dialAt(1).accept();
    await promisesSettled();
    expect(call.error).toBe(TOO_LATE);
    expect(link.isClosed).toBe(true);
    expect(scene.connection.link).toBeUndefined();
  });

  test("closes the link when the subscriptions are not back in time", async () => {
    const scene = connectionScene({
      dials: [(dial) => Object.assign(dial.accept(), { onSubscribe: noAnswer })],
    });
    scene.connection.subscriptions.hold({ filter: "a", qos: 0 });
    const call = outcomeOf(scene.connection.connect(within(scene, { ms: 100 })));
    await scene.clock.advance(100);
    expect(call.error).toBe(TOO_LATE);
    expect(scene.transport.link.isClosed).toBe(true);
  });
});

describe("close", () => {
  test("closes the link, and is idempotent", async () => {
    const { connection, states, transport } = await onlineScene();
    await Promise.all([connection.close(), connection.close()]);
    await connection.close();
    expect(transport.log).toEqual(["1 dial", "1 close"]);
    expect(states).toEqual(["connecting", "online", "closed"]);
    expect(connection.link).toBeUndefined();
  });

  test("before connect is no harm", async () => {
    const { connection } = connectionScene();
    await connection.close();
    expect(connection.state.kind).toBe("closed");
  });

  test("while connecting ends the dial and every connect()", async () => {
    const scene = connectionScene({ dials: [leaveOpen] });
    const calls = [1, 2].map(() => outcomeOf(scene.connection.connect(within(scene))));
    await promisesSettled();
    await scene.connection.close();
    await promisesSettled();
    for (const call of calls) expect(call.error).toBeInstanceOf(ClientClosedError);
    expect(scene.transport.dialAt(1).request.signal.aborted).toBe(true);
    const link = scene.transport.dialAt(1).accept();
    await promisesSettled();
    expect(link.isClosed).toBe(true);
    expect(scene.states).toEqual(["connecting", "closed"]);
    expect(scene.clock.timerCount).toBe(0);
  });

  test("while the subscriptions come back closes the link", async () => {
    const scene = connectionScene({
      dials: [(dial) => Object.assign(dial.accept(), { onSubscribe: noAnswer })],
    });
    scene.connection.subscriptions.hold({ filter: "a", qos: 0 });
    const call = outcomeOf(scene.connection.connect(within(scene)));
    await promisesSettled();
    await scene.connection.close();
    await promisesSettled();
    expect(call.error).toBeInstanceOf(ClientClosedError);
    expect(scene.transport.link.isClosed).toBe(true);
  });

  test("at any moment of a dial leaves no link open", async () => {
    for (let turns = 0; turns < 30; turns += 1) {
      const scene = connectionScene();
      scene.connection.subscriptions.hold({ filter: "a", qos: 0 });
      const call = outcomeOf(scene.connection.connect(within(scene)));
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      await scene.connection.close();
      await promisesSettled();
      expect(scene.connection.state.kind).toBe("closed");
      expect(scene.connection.link).toBeUndefined();
      expect(scene.transport.links.filter(({ isOpen }) => isOpen)).toEqual([]);
      expect("value" in call || call.error instanceof ClientClosedError).toBe(true);
    }
  });

  test("does not tell of the lost link that it makes itself", async () => {
    const { connection, states, transport } = await onlineScene();
    const { link } = transport;
    await connection.close();
    link.lose();
    await promisesSettled();
    expect(states).toEqual(["connecting", "online", "closed"]);
  });

  test("makes room for another connect", async () => {
    const scene = await onlineScene();
    await scene.connection.close();
    await scene.connection.connect(within(scene));
    expect(scene.transport.dials).toHaveLength(2);
    expect(scene.connection.link).toBe(scene.transport.link);
  });
});

describe("a call without a connection", () => {
  test("before connect rejects with NotConnectedError", async () => {
    const scene = connectionScene();
    const publish = scene.connection.publish(message("a"), within(scene));
    await expect(publish).rejects.toThrow(
      `cannot publish: not connected to ${BROKER}; call connect() first`,
    );
    await expect(scene.connection.ready("subscribe", within(scene))).rejects.toBeInstanceOf(
      NotConnectedError,
    );
  });

  test("after close rejects with ClientClosedError", async () => {
    const scene = await onlineScene();
    await scene.connection.close();
    const publish = scene.connection.publish(message("a"), within(scene));
    await expect(publish).rejects.toBeInstanceOf(ClientClosedError);
  });

  test("after a failed connect rejects with ClientClosedError that names its cause", async () => {
    const scene = connectionScene({ dials: [refuse] });
    await scene.connection.connect(within(scene)).catch(() => undefined);
    const publish = outcomeOf(scene.connection.publish(message("a"), within(scene)));
    await promisesSettled();
    expect(publish.error).toMatchObject({
      name: "ClientClosedError",
      cause: { name: "ConnectionFailedError" },
    });
  });

  test("made while connecting waits for the link", async () => {
    const scene = connectionScene({ dials: [leaveOpen] });
    void scene.connection.connect(within(scene));
    const publish = outcomeOf(scene.connection.publish(message("a"), within(scene)));
    await promisesSettled();
    expect(publish).toEqual({});
    scene.transport.dialAt(1).accept();
    await promisesSettled();
    expect(publish).toEqual({ value: "sent" });
  });

  test("made while connecting ends at its own deadline", async () => {
    const scene = connectionScene({ dials: [leaveOpen] });
    void scene.connection.connect(within(scene)).catch(() => undefined);
    const limits = within(scene, { ms: 50 });
    const publish = outcomeOf(scene.connection.publish(message("a"), limits));
    await scene.clock.advance(50);
    expect(publish.error).toBe(TOO_LATE);
  });
});

describe("a listener of state changes", () => {
  test("that closes while connecting leaves no link open", async () => {
    const scene = connectionScene({
      onStateChange: ({ connection }, kind) => {
        if (kind === "connecting") void connection.close();
      },
    });
    await expect(scene.connection.connect(within(scene))).rejects.toBeInstanceOf(ClientClosedError);
    await promisesSettled();
    expect(scene.states).toEqual(["connecting", "closed"]);
    expect(scene.transport.dials).toEqual([]);
  });

  test("that closes as soon as it is online ends the connect that brought it there", async () => {
    const scene = connectionScene({
      onStateChange: ({ connection }, kind) => {
        if (kind === "online") void connection.close();
      },
    });
    await expect(scene.connection.connect(within(scene))).rejects.toBeInstanceOf(ClientClosedError);
    expect(scene.transport.link.isClosed).toBe(true);
    expect(scene.connection.link).toBeUndefined();
  });

  test("that connects while connecting shares the dial", async () => {
    const calls: { value?: void; error?: unknown }[] = [];
    const scene = connectionScene({
      onStateChange: (here, kind) => {
        if (kind === "connecting") calls.push(outcomeOf(here.connection.connect(within(here))));
      },
    });
    await scene.connection.connect(within(scene));
    await promisesSettled();
    expect(calls).toEqual([{ value: undefined }]);
    expect(scene.transport.dials).toHaveLength(1);
  });

  test("that connects again when closed gets a new link", async () => {
    const calls: { value?: void; error?: unknown }[] = [];
    const scene = await onlineScene({
      reconnect: { maxAttempts: 0 },
      onStateChange: (here, kind) => {
        if (kind === "closed") calls.push(outcomeOf(here.connection.connect(within(here))));
      },
    });
    scene.transport.link.lose();
    await promisesSettled();
    expect(calls).toEqual([{ value: undefined }]);
    expect(scene.states).toEqual(["connecting", "online", "closed", "connecting", "online"]);
    expect(scene.connection.link).toBe(scene.transport.links[1]);
  });

  test("that connects again after the last attempt gets a new link", async () => {
    const scene = await onlineScene({
      dials: [accept, refuse, accept],
      reconnect: { maxAttempts: 1 },
      onStateChange: (here, kind) => {
        if (kind === "closed") void here.connection.connect(within(here));
      },
    });
    scene.transport.link.lose();
    await scene.clock.advance(1_000);
    expect(scene.connection.state.kind).toBe("online");
    expect(scene.connection.link).toBe(scene.transport.links[1]);
  });
});
