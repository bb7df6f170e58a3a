import { describe, expect, test } from "vitest";
import { GatewayTimeoutResponse, ServiceUnavailableResponse } from "../../src/index.ts";
import type { QoS, ResponseException, WaitOptions } from "../../src/index.ts";
import { rejectionOf } from "./client-under-test.ts";
import { gains, serveEcho } from "./devices.ts";
import { testConcurrency, testSeveralClients } from "./needs.ts";
import type { Stage } from "./stage.ts";

/** Requests to devices that are not there, which some brokers tell at once (MQTT 5 §3.4.2.1). */
export const noSubscribersCases = (stage: Stage): void => {
  const { reportsNoSubscribers } = stage.brokers;
  const absent = (): { readonly identifier: string } => ({
    identifier: stage.identifier("absent"),
  });

  /** Where the broker tells, no deadline is waited for; where it does not, it has to be. */
  const expectedWith = (qos: QoS): { errorClass: typeof ResponseException; wait: WaitOptions } =>
    reportsNoSubscribers.includes(qos)
      ? { errorClass: ServiceUnavailableResponse, wait: {} }
      : { errorClass: GatewayTimeoutResponse, wait: { timeoutMs: 30 } };

  describe("a request to a device that is not there", () => {
    const TIMES = ([1, 2] as const).map(
      (qos) =>
        [
          qos,
          reportsNoSubscribers.includes(qos)
            ? "at once, because the broker tells"
            : "at its deadline, because the broker does not tell",
        ] as const,
    );

    test.each(TIMES)("with QoS %j rejects %s", async (qos) => {
      const requester = await stage.client();
      const device = absent();
      const { errorClass, wait } = expectedWith(qos);
      const error = await rejectionOf(() =>
        requester.request({ ...gains(device), method: "POST", qos, ...wait }),
      );
      expect(error).toBeInstanceOf(errorClass);
      expect(error).toMatchObject({
        source: requester.identifier,
        target: device.identifier,
        path: "gains",
        method: "POST",
        requestId: expect.any(String),
        response: undefined,
      });
      expect(requester.statistics.requestsInFlight).toBe(0);
    });

    test("with QoS 0 rejects at its deadline, whatever the broker", async () => {
      const requester = await stage.client();
      const error = await rejectionOf(() =>
        requester.request({ ...gains(absent()), qos: 0, timeoutMs: 30 }),
      );
      expect(error).toBeInstanceOf(GatewayTimeoutResponse);
    });

    testSeveralClients(stage)("does not keep a later one from being answered", async () => {
      const requester = await stage.client();
      const device = absent();
      const { wait } = expectedWith(1);
      await rejectionOf(() => requester.request({ ...gains(device), qos: 1, ...wait }));
      serveEcho(stage, await stage.client(device));
      expect((await requester.request({ ...gains(device), body: 1, qos: 1 })).body).toBe(1);
    });

    testConcurrency(stage)("does not disturb those to devices that are", async () => {
      const { requester, device } = await stage.pair();
      serveEcho(stage, device);
      const { errorClass, wait } = expectedWith(1);
      const ends = await stage.concurrently<unknown>(
        Array.from(
          { length: 40 },
          (_, body) => () =>
            body % 2 === 0
              ? requester.request({ ...gains(device), body, qos: 1 })
              : rejectionOf(() => requester.request({ ...gains(absent()), qos: 1, ...wait })),
        ),
      );
      const bodies = ends.map((end) => (end instanceof Error ? end.name : Object(end).body));
      expect(bodies).toEqual(ends.map((_, body) => (body % 2 === 0 ? body : errorClass.name)));
    });
  });

  describe("publish() where nobody is subscribed", () => {
    test.each([0, 1, 2] as const)("with QoS %j succeeds", async (qos) => {
      const client = await stage.client();
      await client.publish(stage.identifier("nowhere"), { body: 1 }, { qos });
      expect(client.isConnected).toBe(true);
    });
  });
};
