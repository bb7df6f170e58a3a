import { describe, expect, test } from "vitest";
import type { Broker } from "./brokers/broker-kind.ts";
import type { Heard } from "./brokers/hearing.ts";
import type { Arrivals } from "./arrivals.ts";
import { rejectionOf } from "./client-under-test.ts";
import type { ContractClient } from "./client-under-test.ts";
import { Logbook } from "./logbook.ts";
import type { Stage } from "./stage.ts";
import { States } from "./states.ts";

const topicOf = (identifier: string): string => `gf_int_v1/device/system/${identifier}/status`;

interface Told {
  readonly state: string;
  readonly last_updated: string;
}

const bodyOf = ({ text }: Heard): Told => JSON.parse(text).body;

const stateOf = (heard: Heard): string => bodyOf(heard).state;

/** What a device with the option `presence` tells, and what others tell of it. */
export const announcingCases = (stage: Stage): void => {
  /** What the broker publishes of a device from now on. */
  const statusesOf = async (identifier: string, broker?: Broker): Promise<Arrivals<Heard>> =>
    (await stage.peer(broker)).listen(topicOf(identifier), 1);

  const newDevice = (broker?: Broker): ContractClient =>
    stage.newClient({ identifier: stage.identifier("device"), presence: true }, broker);

  describe("a client with presence", () => {
    test("announces itself when it connects, for whoever comes later, too", async () => {
      const device = newDevice();
      const live = await statusesOf(device.identifier);
      const before = Date.now();
      await device.connect();
      const heard = await live.next();
      expect(JSON.parse(heard.text)).toEqual({
        body: { state: "ONLINE", last_updated: expect.stringMatching(/^\d{13}$/) },
        timestamp: expect.any(Number),
      });
      expect(Number(bodyOf(heard).last_updated)).toBeGreaterThanOrEqual(before);
      const later = await (await statusesOf(device.identifier)).next();
      expect([stateOf(later), later.retain]).toEqual(["ONLINE", true]);
    });

    test("says that it leaves with disconnect()", async () => {
      const device = newDevice();
      const live = await statusesOf(device.identifier);
      await device.connect();
      expect(stateOf(await live.next())).toBe("ONLINE");
      await device.disconnect();
      expect(stateOf(await live.next())).toBe("OFFLINE");
      const later = await (await statusesOf(device.identifier)).next();
      expect([stateOf(later), later.retain]).toEqual(["OFFLINE", true]);
      expect(live.all).toHaveLength(2);
    });

    test("comes back with connect()", async () => {
      const device = newDevice();
      const live = await statusesOf(device.identifier);
      await device.connect();
      await device.disconnect();
      await device.connect();
      const heard = await live.take(3);
      expect(heard.map(stateOf)).toEqual(["ONLINE", "OFFLINE", "ONLINE"]);
    });

    test("is said to be away by its Last Will when its link is cut", async () => {
      const broker = await stage.cuttableBroker();
      const identifier = stage.identifier("device");
      const options = { identifier, presence: true, reconnect: false } as const;
      const device = await stage.client(options, broker);
      expect(stateOf(await (await statusesOf(identifier, broker)).next())).toBe("ONLINE");
      const states = new States(device);
      broker.dropConnections();
      await states.reached("closed");
      const heard = await statusesOf(identifier, broker);
      await heard.next((each) => stateOf(each) === "OFFLINE");
    });

    test("is back after a reconnect", async () => {
      const broker = await stage.cuttableBroker();
      const device = newDevice(broker);
      await device.connect();
      expect(stateOf(await (await statusesOf(device.identifier, broker)).next())).toBe("ONLINE");
      const states = new States(device);
      broker.dropConnections();
      await states.reached("online");
      const back = await statusesOf(device.identifier, broker);
      await back.next((heard) => stateOf(heard) === "ONLINE");
    });

    test.each(["all", "the device"])("answers who asks %s whether it is there", async (whom) => {
      const device = newDevice();
      await device.connect();
      const peer = await stage.peer();
      const target = whom === "all" ? whom : device.identifier;
      const answers = await peer.listen(`gf_int_v1/device/response/${target}/box`);
      const header = { method: "GET", path: ".well-known/core", request_id: "a" };
      await peer.publish({
        topic: `gf_int_v1/device/request/${target}/box`,
        payload: JSON.stringify({ header, timestamp: 0 }),
      });
      const { text } = await answers.next(({ text: each }) => each.includes(device.identifier));
      expect(JSON.parse(text)).toMatchObject({
        body: [],
        header: { request_id: "a", response_code: 205, source: device.identifier },
      });
    });

    test("announces itself again when a twin overwrites its status, and names the twin", async () => {
      const log = new Logbook();
      const identifier = stage.identifier("device");
      const device = await stage.client({ identifier, presence: true, logger: log });
      const live = await statusesOf(identifier);
      expect(stateOf(await live.next())).toBe("ONLINE");
      const peer = await stage.peer();
      const payload = '{"body":{"state":"OFFLINE","last_updated":"1745534869619"},"timestamp":0}';
      await peer.publish({ topic: topicOf(identifier), payload, qos: 1, retain: true });
      expect(stateOf(await live.next())).toBe("OFFLINE");
      expect(stateOf(await live.next())).toBe("ONLINE");
      await device.subscribe("a/round/trip");
      expect(device.statistics.statusConflicts).toBe(1);
      const [warning] = log.entries.all.filter(({ message }) => message.includes("another client"));
      expect(warning).toMatchObject({
        level: "warn",
        message:
          `another client has the identifier ${JSON.stringify(identifier)}, too, and has overwritten its status, ` +
          "last of 2025-04-24T22:47:49.619Z: give each its own, or set ensureUniqueIdentifier",
      });
    });
  });

  test("a client without presence announces nothing", async () => {
    const client = await stage.client();
    const live = await statusesOf(client.identifier);
    await client.disconnect();
    const peer = await stage.peer();
    await peer.publish({ topic: topicOf(client.identifier), payload: "mark", qos: 1 });
    expect((await live.next()).text).toBe("mark");
  });

  test.each([{ presence: 1 }, { presence: "yes" }, { presence: null }])(
    "the option has to be true or false, not %o",
    async (options) => {
      const error = await rejectionOf(async () => stage.newClient(options as object));
      expect(error).toMatchObject({ name: "OptionError", option: "presence" });
    },
  );
};
