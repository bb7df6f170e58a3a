import { describe, expect, test } from "vitest";
import { OptionError } from "../../src/index.ts";
import { rejectionOf } from "./client-under-test.ts";
import type { Awaitable, ContractClient } from "./client-under-test.ts";
import { Arrivals } from "./arrivals.ts";
import { answer, responseTopicOf, serve, serveEcho } from "./devices.ts";
import type { Asked } from "./devices.ts";
import { testTimers } from "./needs.ts";
import { Gate } from "./patience.ts";
import type { Stage } from "./stage.ts";
import type { Heard } from "./brokers/hearing.ts";
import { States } from "./states.ts";

/** Far longer than anything takes that is not waited for. */
const LONG_MS = 60_000;
/** Far less than that, and far more than anything takes at once on a loaded machine. */
const AT_ONCE_MS = 5_000;

interface RawRequester {
  readonly answers: Arrivals<Heard>;
  readonly ask: (requestId: string) => Promise<void>;
}

/** What a client does that is told to leave. */
export const drainCases = (stage: Stage): void => {
  /** Sends requests as they are on the wire, and hears the answers. */
  const rawRequester = async (device: ContractClient): Promise<RawRequester> => {
    const peer = await stage.peer();
    const topic = `gf_int_v1/axuv/request/${device.identifier}/box`;
    const answers = await peer.listen(responseTopicOf(topic));
    return {
      answers,
      ask: (requestId) => {
        const header = { method: "GET", path: "gains", request_id: requestId };
        return peer.publish({ topic, payload: JSON.stringify({ header, timestamp: 0 }), qos: 1 });
      },
    };
  };

  /** A device that answers when it is let. */
  const slowDevice = async (): Promise<{
    readonly device: ContractClient;
    readonly begun: Arrivals<string>;
    readonly gate: Gate;
  }> => {
    const device = await stage.client();
    const begun = new Arrivals<string>("a request at the handler");
    const gate = new Gate("the device");
    device.addMessageHandler(
      new stage.handlers.RequestHandlerBase({
        process: (client, topic, request) => {
          begun.push(request.header.request_id);
          const given: Asked = { topic, request };
          return gate.passed().then(() => answer(client, given, { body: "late" }));
        },
      }),
    );
    return { device, begun, gate };
  };

  const codeOf = ({ text }: Heard): unknown => JSON.parse(text).header.response_code;

  describe("disconnect() while requests are handled", () => {
    testTimers(stage)("lets them be answered first", async () => {
      const { device, begun, gate } = await slowDevice();
      const { ask, answers } = await rawRequester(device);
      await ask("a");
      await begun.next();
      const left = device.disconnect({ drainMs: LONG_MS });
      expect(device.state).toBe("online");
      gate.open();
      await left;
      expect(device.state).toBe("closed");
      expect(JSON.parse((await answers.next()).text)).toMatchObject({ body: "late" });
    });

    testTimers(stage)("does so without being told to", async () => {
      const { device, begun, gate } = await slowDevice();
      const { ask, answers } = await rawRequester(device);
      await ask("a");
      await begun.next();
      const left = device.disconnect();
      gate.open();
      await left;
      expect(codeOf(await answers.next())).toBe(205);
    });

    testTimers(stage)("answers further ones 503 meanwhile, at once", async () => {
      const { device, begun, gate } = await slowDevice();
      const { ask, answers } = await rawRequester(device);
      await ask("a");
      await begun.next();
      const left = device.disconnect({ drainMs: LONG_MS });
      await ask("b");
      expect(JSON.parse((await answers.next()).text)).toMatchObject({
        body: "the device is disconnecting; try again later",
        header: { request_id: "b", response_code: 503, source: device.identifier },
      });
      gate.open();
      await left;
      expect(codeOf(await answers.next())).toBe(205);
      expect(begun.all).toEqual(["a"]);
    });

    testTimers(stage)("cuts those that take longer than drainMs", async () => {
      const { device, begun } = await slowDevice();
      const { ask, answers } = await rawRequester(device);
      await ask("a");
      await begun.next();
      await device.disconnect({ drainMs: 20 });
      expect([device.state, answers.all]).toEqual(["closed", []]);
    });

    testTimers(stage)("leaves at once with drainMs: 0", async () => {
      const { device, begun } = await slowDevice();
      const { ask } = await rawRequester(device);
      await ask("a");
      await begun.next();
      const left = device.disconnect({ drainMs: 0 });
      expect(device.state).toBe("closed");
      await left;
    });

    testTimers(stage)("shares one end with a second call, the sooner one", async () => {
      const { device, begun } = await slowDevice();
      const { ask } = await rawRequester(device);
      await ask("a");
      await begun.next();
      const states = new States(device);
      await Promise.all([
        device.disconnect({ drainMs: LONG_MS }),
        device.disconnect({ drainMs: LONG_MS }),
        device.disconnect({ drainMs: 10 }),
      ]);
      expect(states.entered).toEqual(["closed"]);
    });

    testTimers(stage)("lets a connect() made meanwhile wait, and dial anew", async () => {
      const { device, begun, gate } = await slowDevice();
      const { ask, answers } = await rawRequester(device);
      await ask("a");
      await begun.next();
      const states = new States(device);
      const left = device.disconnect({ drainMs: LONG_MS });
      const back = device.connect();
      gate.open();
      await Promise.all([left, back]);
      expect(states.entered).toEqual(["closed", "connecting", "online"]);
      expect(codeOf(await answers.next())).toBe(205);
    });

    testTimers(stage)("waits no longer once the link is lost: no answer arrives then", async () => {
      const broker = await stage.cuttableBroker();
      const device = await stage.client({ reconnect: { minDelayMs: LONG_MS } }, broker);
      const begun = new Gate("the handler");
      serveNever(device, begun);
      const peer = await stage.peer(broker);
      const topic = `gf_int_v1/axuv/request/${device.identifier}/box`;
      const header = { method: "GET", path: "gains", request_id: "a" };
      peer.send({ topic, payload: JSON.stringify({ header, timestamp: 0 }) });
      await begun.passed();
      const left = device.disconnect({ drainMs: LONG_MS });
      broker.dropConnections();
      await left;
      expect(device.state).toBe("closed");
    });
  });

  const serveNever = (device: ContractClient, begun: Gate): void =>
    device.addMessageHandler(
      new stage.handlers.RequestHandlerBase({
        process: () => {
          begun.open();
          return new Promise<undefined>(() => undefined);
        },
      }),
    );

  describe("disconnect() while nothing is handled", () => {
    test("ends at once, whatever it may wait", async () => {
      const device = await stage.client();
      serveEcho(stage, device);
      const startedAt = performance.now();
      await device.disconnect({ drainMs: LONG_MS });
      expect(performance.now() - startedAt).toBeLessThan(AT_ONCE_MS);
    });

    test("ends at once after a request was answered", async () => {
      const { requester, device } = await stage.pair();
      serveEcho(stage, device);
      await requester.device(device.identifier, "axuv").get("gains");
      const startedAt = performance.now();
      await device.disconnect({ drainMs: LONG_MS });
      expect(performance.now() - startedAt).toBeLessThan(AT_ONCE_MS);
    });

    test("has nothing to wait for without a connection", async () => {
      const device = stage.newClient();
      serveEcho(stage, device);
      await device.disconnect({ drainMs: LONG_MS });
      expect(device.state).toBe("closed");
    });
  });

  test("disconnect() answers requests that came and that no handler has seen yet", async () => {
    const device = await stage.client({ maxConcurrentRequests: 1 });
    const { ask, answers } = await rawRequester(device);
    // Takes a round trip: the second request waits for the end of the first.
    const process = (client: ContractClient): Awaitable<void> => client.subscribe("a/round/trip");
    device.addMessageHandler(new stage.handlers.RequestHandlerBase({ process }));
    serve(stage, device, ({ header }) => ({ body: header.request_id }));
    await ask("a");
    await ask("b");
    // After a round trip, both have come.
    await device.subscribe("another/round/trip");
    await device.disconnect({ drainMs: LONG_MS });
    const texts = await answers.take(2);
    expect(texts.map(({ text }) => JSON.parse(text).body)).toEqual(["a", "b"]);
  });

  test.each([{ drainMs: -1 }, { drainMs: 1.5 }, { drainMs: "1" }, { drainMs: Infinity }])(
    "disconnect(%o) names the option",
    async (options) => {
      const client = await stage.client();
      const error = await rejectionOf(() => client.disconnect(options as object));
      expect(error).toBeInstanceOf(OptionError);
      expect(error).toMatchObject({ option: "drainMs" });
      expect(client.state).toBe("online");
    },
  );

  test("disconnect() refuses options that there are not", async () => {
    const client = await stage.client();
    const error = await rejectionOf(() => client.disconnect({ drain: 1 } as object));
    expect(error).toMatchObject({ option: "drain" });
  });
};
