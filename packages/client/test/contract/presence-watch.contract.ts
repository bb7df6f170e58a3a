import { describe, expect, test } from "vitest";
import {
  ClientClosedError,
  NotConnectedError,
  OptionError,
  SubscriptionRefusedError,
} from "../../src/index.ts";
import type { DevicePresence } from "../../src/index.ts";
import type { Broker, Peer } from "./brokers/broker-kind.ts";
import { rejectionOf } from "./client-under-test.ts";
import type { ContractClient, ContractIterator } from "./client-under-test.ts";
import { testConcurrency, testRefusedFilters } from "./needs.ts";
import type { Stage } from "./stage.ts";
import { States } from "./states.ts";

const FILTER = "gf_int_v1/device/system/+/status";

const topicOf = (identifier: string): string => `gf_int_v1/device/system/${identifier}/status`;

const statusText = (state: string, at = 1_745_534_869_619): string =>
  JSON.stringify({ body: { state, last_updated: String(at) }, timestamp: at });

/** What a client learns of devices that come and go. */
export const watchingCases = (stage: Stage): void => {
  /** What a watch gives of these devices; the others belong to other cases. */
  const nextOf = async (
    watch: ContractIterator<DevicePresence>,
    ...identifiers: readonly string[]
  ): Promise<DevicePresence> => {
    for (;;) {
      const { value } = await watch.next();
      if (value === undefined) throw new Error("the watch is over");
      if (identifiers.includes(value.identifier)) return value;
    }
  };

  const device = (broker?: Broker): Promise<ContractClient> =>
    stage.client({ identifier: stage.identifier("device"), presence: true }, broker);

  /** Tells a status as a device of whatever make would. */
  const tell = (peer: Peer, identifier: string, payload: string): Promise<void> =>
    peer.publish({ topic: topicOf(identifier), payload, qos: 1, retain: true });

  describe("presence()", () => {
    test("tells first who is there already, then each change", async () => {
      const first = await device();
      const watch = (await stage.client()).presence();
      expect(await nextOf(watch, first.identifier)).toEqual({
        identifier: first.identifier,
        state: "ONLINE",
        lastUpdated: expect.any(Number),
      });
      const second = await device();
      expect(await nextOf(watch, second.identifier)).toMatchObject({ state: "ONLINE" });
      await first.disconnect();
      expect(await nextOf(watch, first.identifier, second.identifier)).toMatchObject({
        identifier: first.identifier,
        state: "OFFLINE",
      });
      await watch.return?.();
    });

    test("tells who is away, and what a device of another make says of itself", async () => {
      const peer = await stage.peer();
      const identifier = stage.identifier("firmware");
      await tell(peer, identifier, statusText("OFFLINE"));
      const watch = (await stage.client()).presence();
      const away = { identifier, state: "OFFLINE", lastUpdated: 1_745_534_869_619 };
      expect(await nextOf(watch, identifier)).toEqual(away);
      await tell(peer, identifier, '{"body":{"state":"ONLINE"},"timestamp":"7"}');
      expect(await nextOf(watch, identifier)).toEqual({
        identifier,
        state: "ONLINE",
        lastUpdated: 7,
      });
      await watch.return?.();
    });

    test("finds those whose status the broker has not kept: it asks everybody", async () => {
      const there = await device();
      const peer = await stage.peer();
      await tell(peer, there.identifier, "");
      const watch = (await stage.client()).presence();
      expect(await nextOf(watch, there.identifier)).toMatchObject({ state: "ONLINE" });
      await watch.return?.();
    });

    test("does so with a subscription for each response, too", async () => {
      const there = await device();
      await tell(await stage.peer(), there.identifier, "");
      const watch = (await stage.client({ responseRouting: "per-request" })).presence();
      expect(await nextOf(watch, there.identifier)).toMatchObject({ state: "ONLINE" });
      await watch.return?.();
    });

    test("tells of one that was cut", async () => {
      const broker = await stage.cuttableBroker();
      const identifier = stage.identifier("device");
      const there = await stage.client({ identifier, presence: true, reconnect: false }, broker);
      const watcher = await stage.client({}, broker);
      const watch = watcher.presence();
      expect(await nextOf(watch, identifier)).toMatchObject({ state: "ONLINE" });
      const [states, returned] = [new States(there), new States(watcher)];
      broker.dropConnections();
      await states.reached("closed");
      if (watcher.state !== "online") await returned.reached("online");
      expect(await nextOf(watch, identifier)).toMatchObject({ state: "OFFLINE" });
      await watch.return?.();
    });

    test("passes over what is no status, and counts it; no handler sees it", async () => {
      const watcher = await stage.client();
      const seen: string[] = [];
      const { MessageHandlerBase } = stage.handlers;
      watcher.addMessageHandler(
        new MessageHandlerBase({
          process: (_client, topic) => {
            seen.push(topic);
          },
        }),
      );
      const watch = watcher.presence();
      const peer = await stage.peer();
      const [identifier, last] = [stage.identifier("junk"), stage.identifier("last")];
      await tell(peer, last, statusText("OFFLINE"));
      expect(await nextOf(watch, last)).toMatchObject({ state: "OFFLINE" });
      const before = watcher.statistics.invalidMessages;
      const header = { method: "GET", path: "gains", request_id: "a" };
      const junk = [
        "online",
        "[]",
        '{"body":"ONLINE","timestamp":0}',
        statusText("SLEEPING"),
        JSON.stringify({ header, body: null, timestamp: 0 }),
        JSON.stringify({ body: { state: "ONLINE", more: "x".repeat(5_000) }, timestamp: 0 }),
      ];
      for (const payload of junk) await tell(peer, identifier, payload);
      await tell(peer, last, statusText("ONLINE"));
      expect(await nextOf(watch, identifier, last)).toMatchObject({ identifier: last });
      expect(watcher.statistics.invalidMessages - before).toBe(junk.length);
      expect(seen).toEqual([]);
      await watch.return?.();
    });

    test("gives a slow consumer the latest state of each device", async () => {
      const watcher = await stage.client();
      const watch = watcher.presence();
      const peer = await stage.peer();
      const [flapping, last] = [stage.identifier("flapping"), stage.identifier("last")];
      await tell(peer, last, statusText("OFFLINE"));
      await nextOf(watch, last);
      for (let turn = 0; turn < 20; turn += 1) {
        await tell(peer, flapping, statusText(turn % 2 === 0 ? "ONLINE" : "OFFLINE", turn));
      }
      await tell(peer, last, statusText("ONLINE"));
      await watcher.subscribe("a/round/trip");
      const changes = [await nextOf(watch, flapping, last), await nextOf(watch, flapping, last)];
      expect(changes).toEqual([
        { identifier: flapping, state: "OFFLINE", lastUpdated: 19 },
        expect.objectContaining({ identifier: last }),
      ]);
      await watch.return?.();
    });

    test("serves several watches, and lets go of the subscription with the last", async () => {
      const there = await device();
      const watcher = await stage.client();
      const held = watcher.statistics.subscriptionsHeld;
      const [one, other] = [watcher.presence(), watcher.presence()];
      expect(await nextOf(one, there.identifier)).toMatchObject({ state: "ONLINE" });
      expect(await nextOf(other, there.identifier)).toMatchObject({ state: "ONLINE" });
      await one.return?.();
      expect(watcher.statistics.subscriptionsHeld).toBe(held + 1);
      await other.return?.();
      expect(watcher.statistics.subscriptionsHeld).toBe(held);
      expect(await other.next()).toEqual({ done: true, value: undefined });
    });

    test("ends after timeoutMs", async () => {
      const watcher = await stage.client();
      const watch = watcher.presence({ timeoutMs: 50 });
      while ((await watch.next()).done !== true);
      expect(await watch.next()).toEqual({ done: true, value: undefined });
    });

    testConcurrency(stage)("ends with the reason of its signal", async () => {
      const controller = new AbortController();
      const { signal } = controller;
      const watch = (await stage.client({ namespace: "nobody" })).presence({ signal });
      const reason = new Error("enough");
      const [error] = await stage.concurrently<unknown>([
        () => rejectionOf(() => watch.next()),
        async () => controller.abort(reason),
      ]);
      expect(error).toBe(reason);
      expect(await watch.next()).toEqual({ done: true, value: undefined });
    });

    test("does not begin with an aborted signal", async () => {
      const reason = new Error("enough");
      const watch = (await stage.client()).presence({ signal: AbortSignal.abort(reason) });
      expect(await rejectionOf(() => watch.next())).toBe(reason);
    });

    testConcurrency(stage)("ends with disconnect()", async () => {
      const watcher = await stage.client({ namespace: "nobody" });
      const watch = watcher.presence();
      const [step] = await stage.concurrently<unknown>([
        () => watch.next(),
        async () => watcher.disconnect(),
      ]);
      expect(step).toEqual({ done: true, value: undefined });
    });

    test("is over where the client was disconnected, and stays over", async () => {
      const there = await device();
      const watcher = await stage.client();
      const watch = watcher.presence();
      await nextOf(watch, there.identifier);
      await watcher.disconnect();
      await watcher.connect();
      expect(await watch.next()).toEqual({ done: true, value: undefined });
    });

    testConcurrency(stage)("fails where an error closes the client", async () => {
      const broker = await stage.cuttableBroker();
      const watcher = await stage.client({ reconnect: false }, broker);
      const watch = watcher.presence();
      const there = await device(broker);
      await nextOf(watch, there.identifier);
      const ended = rejectionOf(async () => {
        while ((await watch.next()).done !== true);
      });
      broker.dropConnections();
      expect(await ended).toBeInstanceOf(ClientClosedError);
    });

    test("needs a connection", async () => {
      const watch = stage.newClient().presence();
      const error = await rejectionOf(() => watch.next());
      expect(error).toBeInstanceOf(NotConnectedError);
    });

    testRefusedFilters(stage)("tells when the broker refuses the subscription", async () => {
      const broker = await stage.ownBroker({ refusedFilters: [FILTER] });
      const watch = (await stage.client({}, broker)).presence();
      const error = await rejectionOf(() => watch.next());
      expect(error).toBeInstanceOf(SubscriptionRefusedError);
      expect(error).toMatchObject({ filter: FILTER });
    });

    test.each([{ timeoutMs: 0 }, { timeoutMs: "1" }, { signal: 1 }, { signl: 1 }])(
      "names the option in %o",
      async (options) => {
        const client = await stage.client();
        const error = await rejectionOf(async () => client.presence(options as object));
        expect(error).toBeInstanceOf(OptionError);
        expect(error).toMatchObject({ option: Object.keys(options)[0] });
      },
    );
  });
};
