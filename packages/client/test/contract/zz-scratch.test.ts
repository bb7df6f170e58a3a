import { expect, test } from "vitest";
import { overEveryStage } from "./stages.ts";
import { gains, serveEcho, serve } from "./devices.ts";
import { GatewayTimeoutResponse, LinkLostError } from "../../src/index.ts";
overEveryStage((stage) => {
  for (const qos of [0, 1, 2] as const) {
    test(`1500 at once qos ${qos}`, async () => {
      const { requester, device } = await stage.pair({ device: { maxQueuedRequests: 2000, qosDefault: qos } });
      serveEcho(stage, device);
      const t = performance.now();
      const r = await stage.concurrently(Array.from({ length: 1500 }, (_, body) => () => requester.request({ ...gains(device), body, qos })));
      expect(r.map((x) => x.body)).toEqual(r.map((_, i) => i));
      console.log(stage.name, qos, Math.round(performance.now() - t), requester.statistics.duplicateResponses, device.statistics.requestsReceived);
    }, 60000);
  }
  test("chaos", async () => {
    const broker = await stage.cuttableBroker();
    const { requester, device } = await stage.pair({ device: { qosDefault: 1 } }, broker);
    serveEcho(stage, device);
    let over = false;
    const ends: Record<string, number> = {};
    const note = (k: string) => { ends[k] = (ends[k] ?? 0) + 1; };
    const loop = async (n: number) => {
      while (!over) {
        const qos = (n % 3) as 0 | 1 | 2;
        try {
          const body = Math.random();
          const r = await requester.request({ ...gains(device), body, qos, timeoutMs: 300 });
          note(r.body === body ? "ok" : "WRONG");
          await new Promise(setImmediate);
        } catch (e) { note((e as Error).name); await new Promise(setImmediate); }
      }
    };
    const sub = async () => {
      let i = 0;
      while (!over) {
        const f = `place/${(i += 1) % 5}`;
        try { await requester.subscribe(f, { timeoutMs: 300 }); await requester.publish(f, { body: 1 }, { qos: 2, timeoutMs: 300 }); await requester.unsubscribe(f, { timeoutMs: 300 }); note("sub"); await new Promise(setImmediate); } catch (e) { note("sub " + (e as Error).name); await new Promise(setImmediate);}
      }
    };
    const chaos = async () => {
      for (let i = 0; i < 15; i += 1) {
        await new Promise((r) => setTimeout(r, Math.random() * 150));
        broker.dropConnections();
      }
      await new Promise((r) => setTimeout(r, 300));
      over = true;
    };
    await Promise.all([...Array.from({ length: 9 }, (_, n) => loop(n)), sub(), sub(), chaos()]);
    console.log(stage.name, JSON.stringify(ends), JSON.stringify(requester.statistics));
    expect(requester.statistics.requestsInFlight).toBe(0);
    expect((await requester.request({ ...gains(device), body: 1 })).body).toBe(1);
  }, 60000);
});
