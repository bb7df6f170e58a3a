import { MQTTClient, MessageHandlerBase, RequestHandlerBase, ResourceRouter } from "gf-mqtt-client";
import type { MQTTClientOptions } from "gf-mqtt-client";
import { startDevBroker } from "gf-mqtt-dev-broker";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { mosquittoPath, startMosquitto } from "../../../client/test/support/mosquitto.ts";
import { BROKERS } from "../support/bench.ts";
import { examine } from "../support/doctor.ts";
import type { Diagnosis } from "../support/doctor.ts";

const GAINS = "axuv/gains";

const startDevice = async (
  options: MQTTClientOptions,
  handler?: Parameters<MQTTClient["addMessageHandler"]>[0],
): Promise<MQTTClient> => {
  const device = new MQTTClient({ presence: true, ...options });
  if (handler !== undefined) device.addMessageHandler(handler);
  return device.connect();
};

const router = (): ResourceRouter =>
  new ResourceRouter({ subsystem: "axuv" }).get("gains", () => [1, 2]);

/** Firmware that answers on a topic of its own making. */
const answersOn = (topicFor: (topic: string, requestId: string) => string): MessageHandlerBase =>
  new MessageHandlerBase({
    process: async (client, topic, payload) => {
      const { header } = payload as { header: { request_id: string; path: string } };
      const answer = { ...header, method: undefined, response_code: 205 };
      await client.publish(topicFor(topic, header.request_id), {
        header: answer,
        body: 1,
        timestamp: 1,
      });
    },
  });

describe.each(BROKERS)("over the $name", ({ name, start, isMissing }) => {
  let broker: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    if (!isMissing) broker = await start();
  });
  afterAll(() => broker?.[Symbol.asyncDispose]());
  const tellsNobody = name === "Mosquitto";
  const ask = (target: string, ...args: readonly string[]): Promise<Diagnosis> =>
    examine("--broker", broker.url, "--timeout", "2s", "--target", target, ...args);

  test.skipIf(isMissing)("a device that answers is well", async () => {
    await using _device = await startDevice({ broker: broker.url, identifier: "well" }, router());
    const { of } = await ask("well", GAINS);
    expect(of("device.presence")).toMatchObject({
      status: "ok",
      text: "well says that it is there",
    });
    expect(of("device.subscribed").status).toBe(tellsNobody ? "ok" : "unknown");
    expect(of("device.answers")).toMatchObject({
      status: "ok",
      text: expect.stringMatching(/^answers with 205 CONTENT in [\d.]+ ms$/),
      data: { code: 205 },
    });
  });

  test.skipIf(isMissing)("--qos is that of the request: with 0, nobody is told of", async () => {
    await using _device = await startDevice({ broker: broker.url, identifier: "well" }, router());
    const { of } = await ask("well", GAINS, "--qos", "0");
    expect(of("device.answers").status).toBe("ok");
    expect(of("device.subscribed").status).toBe("unknown");
  });

  test.skipIf(isMissing)("any answer counts, with what to check", async () => {
    await using _device = await startDevice({ broker: broker.url, identifier: "well" }, router());
    const { of } = await ask("well", "axuv/none");
    expect(of("device.answers")).toMatchObject({
      status: "ok",
      text: expect.stringContaining("404 NOT_FOUND"),
      advice: "it is there: check subsystem and path, and what it says",
    });
  });

  test.skipIf(isMissing)("a device that announces itself answers without a resource", async () => {
    await using _device = await startDevice({ broker: broker.url, identifier: "well" }, router());
    expect((await ask("well")).of("device.answers").status).toBe("ok");
  });

  test.skipIf(isMissing)("a device that has left is told", async () => {
    const device = await startDevice({ broker: broker.url, identifier: "gone" }, router());
    await device.disconnect();
    const { of, status } = await ask("gone", GAINS);
    expect(status).toBe(1);
    expect(of("device.presence").text).toBe(
      "gone says that it is away, or its connection was lost",
    );
  });

  test.skipIf(isMissing)("a device that nobody knows is told", async () => {
    const { of, status } = await ask("nobody", GAINS);
    expect(status).toBe(1);
    expect(of("device.presence").status).toBe("unknown");
    if (tellsNobody) {
      expect(of("device.subscribed").text).toBe("nobody is subscribed to the requests for nobody");
      expect(of("device.answers")).toMatchObject({
        status: "unknown",
        text: "see the line above",
      });
    } else {
      expect(of("device.subscribed").text).toContain("does not tell");
      expect(of("device.answers")).toMatchObject({ status: "failed", text: "no answer comes" });
    }
  });

  test.skipIf(isMissing)("a device whose handler does not answer is told", async () => {
    const silent = new RequestHandlerBase({ process: () => undefined });
    await using _device = await startDevice({ broker: broker.url, identifier: "silent" }, silent);
    const { of } = await ask("silent", GAINS);
    expect(of("device.answers")).toMatchObject({
      status: "failed",
      text: tellsNobody ? "it gets requests, and no answer comes" : "no answer comes",
    });
  });

  test.skipIf(isMissing)("a device that answers where nobody listens is told", async () => {
    const stray = answersOn((topic) => topic.replace("/request/", "/answers/"));
    await using _device = await startDevice({ broker: broker.url, identifier: "stray" }, stray);
    const { of } = await ask("stray", GAINS);
    expect(of("device.answers")).toMatchObject({
      status: "failed",
      text: expect.stringMatching(
        /^it answers on gf_int_v1\/axuv\/answers\/stray\/[-\w]+, where nobody listens$/,
      ),
      advice: expect.stringContaining("gf_int_v1/axuv/response/stray/"),
    });
  });

  test.skipIf(isMissing)("a device that takes the topic from the header is told", async () => {
    const older = answersOn((topic, requestId) =>
      topic.replace("/request/", "/response/").replace(/[^/]+$/, requestId),
    );
    await using _device = await startDevice({ broker: broker.url, identifier: "older" }, older);
    expect((await ask("older", GAINS)).of("device.answers")).toMatchObject({
      status: "ok",
      text: expect.stringContaining("each costs a subscription"),
    });
  });
});

test.skipIf(mosquittoPath === undefined)(
  "a device that may not send its answers is told, and what it must be allowed",
  async () => {
    const acl = [
      "topic read gf_int_v1/#",
      "topic write gf_int_v1/device/system/#",
      "user lab",
      "topic readwrite gf_int_v1/#",
    ];
    const password = "hush";
    await using broker = await startMosquitto({
      acl: `${acl.join("\n")}\n`,
      authenticate: { username: "lab", password },
      config: "allow_anonymous true\n",
    });
    await using _device = await startDevice({ broker: broker.url, identifier: "mute" }, router());
    const { of } = await examine(
      ...["--broker", broker.url, "--username", "lab", "--password", password],
      ...["--timeout", "3s", "--target", "mute", GAINS],
    );
    expect(of("device.answers")).toMatchObject({
      status: "failed",
      text: "it gets requests, and no answer comes",
    });
    expect(of("device.answers").advice).toContain("gf_int_v1/axuv/response/mute/");
  },
);

test("a request that the broker forbids is told", async () => {
  await using broker = await startDevBroker({
    authorizePublish: (_id, topic) => !topic.includes("/request/forbidden/"),
  });
  const { of } = await examine("--broker", broker.url, "--target", "forbidden", GAINS);
  expect(of("device.subscribed")).toMatchObject({
    status: "failed",
    text: "the broker refuses requests for forbidden (135)",
  });
});
