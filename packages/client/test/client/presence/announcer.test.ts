import { describe, expect, test } from "vitest";
import { Announcer } from "../../../src/client/presence/announcer.ts";
import { readSettings } from "../../../src/client/options/settings.ts";
import { startCounters } from "../../../src/client/statistics.ts";
import { LinkLostError, PublishRefusedError } from "../../../src/errors/connection-errors.ts";
import type { DeviceStatus } from "../../../src/protocol/status.ts";
import { readStatus } from "../../../src/protocol/status.ts";
import type { Deadline } from "../../../src/runtime/deadline.ts";
import { settleWithin } from "../../../src/runtime/deadline.ts";
import type { OutgoingMessage, PublishOutcome } from "../../../src/transport/transport.ts";
import { ManualClock, promisesSettled } from "../../runtime/manual-clock.ts";
import { recordingLogger } from "../../runtime/recording-logger.ts";

const RETAIN_NOT_SUPPORTED = 0x9a;
const TOPIC = "gf_int_v1/device/system/pump/status";

const statusOf = (text: string): DeviceStatus => {
  const status = readStatus(JSON.parse(text));
  if (status === undefined) throw new Error(`${text} tells no status`);
  return status;
};

type Publish = (message: OutgoingMessage) => Promise<PublishOutcome>;

const scene = (publish: Publish = async () => "delivered") => {
  const clock = new ManualClock();
  const { logger, entries } = recordingLogger();
  const counters = startCounters();
  const settings = readSettings({ broker: "lab", identifier: "pump", clock, logger });
  const sent: OutgoingMessage[] = [];
  const connection = {
    publish: (message: OutgoingMessage, deadline: Deadline) => {
      sent.push(message);
      return settleWithin(deadline, publish(message));
    },
  };
  const announcer = new Announcer({ settings, connection, counters });
  const states = (): readonly string[] =>
    sent.map(({ payload }) => statusOf(String(payload)).state);
  return { clock, entries, counters, announcer, sent, states };
};

const FOREIGN: DeviceStatus = { state: "OFFLINE", lastUpdated: 5 };

describe("a device that announces itself", () => {
  test("does so on every link, retained", async () => {
    const { announcer, sent } = scene();
    announcer.start();
    await promisesSettled();
    announcer.stop();
    announcer.start();
    expect(sent).toEqual([
      { topic: TOPIC, payload: expect.stringContaining("ONLINE"), qos: 1, retain: true },
      { topic: TOPIC, payload: expect.stringContaining("ONLINE"), qos: 1, retain: true },
    ]);
  });

  test("leaves to the connection to repeat an announcement that is under way", async () => {
    const { announcer, states } = scene(() => new Promise(() => undefined));
    announcer.start();
    announcer.stop();
    announcer.start();
    expect(states()).toEqual(["ONLINE"]);
  });

  test("gives no two statuses the same time, its Last Will included", () => {
    const { announcer, sent } = scene();
    const wills = [announcer.will(), announcer.will()].map(({ payload }) => payload);
    announcer.start();
    const times = [...wills, ...sent.map(({ payload }) => String(payload))].map(
      (text) => statusOf(text).lastUpdated,
    );
    expect(new Set(times).size).toBe(3);
  });

  test("says again that it is there when its own Last Will comes late, and warns of nobody", async () => {
    const { announcer, states, counters, entries } = scene();
    const late = statusOf(announcer.will().payload);
    announcer.will();
    announcer.start();
    await promisesSettled();
    announcer.hear(late, false);
    expect(states()).toEqual(["ONLINE", "ONLINE"]);
    expect([counters.statusConflicts, entries]).toEqual([0, []]);
  });

  test("passes over what the broker has retained from before, and its own echo", async () => {
    const { announcer, states, counters, sent } = scene();
    announcer.start();
    await promisesSettled();
    announcer.hear(FOREIGN, true);
    for (const { payload } of [...sent]) announcer.hear(statusOf(String(payload)), false);
    expect([states(), counters.statusConflicts]).toEqual([["ONLINE"], 0]);
  });

  test("answers a twin at once, and then once a second, however often that overwrites it", async () => {
    const { announcer, clock, states, counters } = scene();
    announcer.start();
    await promisesSettled();
    for (let time = 0; time < 50; time += 1) {
      announcer.hear(FOREIGN, false);
      await clock.advance(100);
    }
    expect(counters.statusConflicts).toBe(50);
    expect(states().length).toBeLessThanOrEqual(1 + 1 + 5);
    await clock.advance(1_000);
    const settled = states().length;
    await clock.advance(60_000);
    expect(states()).toHaveLength(settled);
  });

  test("answers a twin that overwrites it while the announcement is under way", async () => {
    const acknowledge: (() => void)[] = [];
    const { announcer, states } = scene(
      () => new Promise((resolve) => acknowledge.push(() => resolve("delivered"))),
    );
    announcer.start();
    announcer.hear(FOREIGN, false);
    expect(states()).toEqual(["ONLINE"]);
    acknowledge[0]?.();
    await promisesSettled();
    expect(states()).toEqual(["ONLINE", "ONLINE"]);
    acknowledge[1]?.();
    await promisesSettled();
    expect(states()).toEqual(["ONLINE", "ONLINE"]);
  });

  test("warns of a twin once a minute", async () => {
    const { announcer, clock, entries } = scene();
    announcer.start();
    for (const ms of [0, 100, 59_000, 1_000]) {
      await clock.advance(ms);
      announcer.hear(FOREIGN, false);
    }
    const twins = entries.filter(({ message }) => message.startsWith("another client has the id"));
    expect(twins.map(({ level }) => level)).toEqual(["warn", "debug", "debug", "warn"]);
  });

  test("leaves it at the warning where the twin says that it is there", async () => {
    const { announcer, states, counters } = scene();
    announcer.start();
    await promisesSettled();
    announcer.hear({ state: "ONLINE", lastUpdated: undefined }, false);
    expect([states(), counters.statusConflicts]).toEqual([["ONLINE"], 1]);
  });

  test("says nothing more once it leaves", async () => {
    const { announcer, states } = scene();
    announcer.start();
    await promisesSettled();
    await announcer.leave();
    announcer.hear(FOREIGN, false);
    expect(states()).toEqual(["ONLINE", "OFFLINE"]);
  });

  test("waits a second at most for the broker to take its leave, and no longer once the link is lost", async () => {
    const { announcer, clock } = scene(() => new Promise(() => undefined));
    const left: string[] = [];
    void announcer.leave().then(() => left.push("slow"));
    await clock.advance(999);
    expect(left).toEqual([]);
    await clock.advance(1);
    expect(left).toEqual(["slow"]);
    void announcer.leave().then(() => left.push("lost"));
    announcer.stop();
    await promisesSettled();
    expect(left).toEqual(["slow", "lost"]);
  });

  test("does without retaining where the broker retains nothing", async () => {
    const { announcer, sent, entries } = scene(async ({ topic, retain }) => {
      if (!retain) return "delivered";
      const refused = { broker: "lab", reasonCode: RETAIN_NOT_SUPPORTED };
      throw new PublishRefusedError(topic, refused);
    });
    announcer.start();
    await promisesSettled();
    expect(sent.map(({ retain }) => retain)).toEqual([true, false]);
    expect(entries).toEqual([]);
  });

  test("warns where the broker refuses it, and goes on", async () => {
    const { announcer, entries } = scene(async ({ topic }) => {
      throw new PublishRefusedError(topic, { broker: "lab", reasonCode: 0x87 });
    });
    announcer.start();
    await promisesSettled();
    expect(entries).toMatchObject([{ level: "warn", message: "could not announce this device" }]);
  });

  test("leaves a broker alone for a minute that closes the link over it", async () => {
    const { announcer, clock, states } = scene(async () => {
      announcer.stop();
      throw new LinkLostError("lab", { isOverThisCall: true });
    });
    announcer.start();
    await promisesSettled();
    announcer.start();
    await clock.advance(59_000);
    expect(states()).toEqual(["ONLINE"]);
    await clock.advance(1_000);
    expect(states()).toEqual(["ONLINE", "ONLINE"]);
  });
});
