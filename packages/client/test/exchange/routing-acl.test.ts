import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import {
  MQTTClient,
  MessageHandlerBase,
  PublishRefusedError,
  RequestHandlerBase,
} from "../../src/index.ts";
import type { MQTTClientOptions } from "../../src/index.ts";
import { Arrivals } from "../contract/arrivals.ts";
import { mosquittoPath, startMosquitto } from "../support/mosquitto.ts";
import type { RealBroker } from "../support/mosquitto.ts";
import { ask, expectNoAnswer, numbers, toDevice } from "./asking.ts";
import { RawDevice, onHeaderId, onRequestTopic } from "./raw-device.ts";

/** Everybody is a device and a requester under their own name, and reads nothing of anybody else. */
const ACL = `
pattern read gf_int_v1/+/request/%c/+
pattern write gf_int_v1/+/response/%c/+
pattern read gf_int_v1/+/response/+/%c
pattern write gf_int_v1/+/request/+/%c
`;

const CALL_TIMEOUT_MS = 15_000;
const unavailable = mosquittoPath === undefined ? " (skipped: Mosquitto is not installed)" : "";

describe.skipIf(mosquittoPath === undefined)(`Mosquitto with an ACL${unavailable}`, () => {
  let broker: RealBroker;
  beforeAll(async () => {
    broker = await startMosquitto({ acl: ACL, tcpNoDelay: true });
  });
  afterAll(() => broker[Symbol.asyncDispose]());

  const connected = async (options: Omit<MQTTClientOptions, "broker">): Promise<MQTTClient> => {
    const client = new MQTTClient({ broker: broker.url, timeoutMs: CALL_TIMEOUT_MS, ...options });
    onTestFinished(() => client.disconnect());
    await client.connect();
    return client;
  };

  /** A device of this library, which answers with the body of the request. */
  const connectedDevice = async (
    identifier: string,
    options: Omit<MQTTClientOptions, "broker"> = {},
  ): Promise<MQTTClient> => {
    const device = await connected({ identifier, ...options });
    device.addMessageHandler(
      new RequestHandlerBase({
        process: (client, topic, request) => client.respond(topic, request, { body: request.body }),
      }),
    );
    return device;
  };

  /** A bare device whose client id is its identifier, as the ACL wants it. */
  const rawDevice = async (target: string, answersOn: typeof onHeaderId): Promise<RawDevice> => {
    const { url } = broker;
    const device = await RawDevice.connect({ url, level: 5, target, clientId: target, answersOn });
    onTestFinished(() => device.close());
    return device;
  };

  describe.each(["5", "3.1.1"] as const)("over MQTT %s", (protocolVersion) => {
    test.each(["auto", "mailbox"] as const)(
      "serves a requester with a mailbox of its own name in the mode %j",
      async (responseRouting) => {
        await connectedDevice("device-1", { protocolVersion });
        const requester = await connected({
          identifier: "control-1",
          mailbox: "control-1",
          protocolVersion,
          responseRouting,
        });
        expect(await ask(requester, "device-1", 5)).toEqual(numbers(5));
      },
    );

    test("serves clients that request of each other and of themselves", async () => {
      const pair = ["device-1", "device-2"] as const;
      const [one, two] = [
        await connectedDevice(pair[0], { mailbox: pair[0], protocolVersion }),
        await connectedDevice(pair[1], { mailbox: pair[1], protocolVersion }),
      ];
      for (const client of [one, two]) {
        for (const target of pair) expect(await ask(client, target, 2)).toEqual(numbers(2));
      }
    });

    test("keeps a requester whose mailbox has another name from asking", async () => {
      const device = await rawDevice("device-1", onRequestTopic);
      const requester = await connected({ identifier: "control-1", protocolVersion });
      await expectNoAnswer(requester, "device-1");
      expect(device.asked.all).toEqual([]);
    });
  });

  test("says so at once to such a requester, with MQTT 5 and QoS 1", async () => {
    const requester = await connected({ identifier: "control-1", qosDefault: 1 });
    const request = requester.request(toDevice("device-1"));
    await expect(request).rejects.toBeInstanceOf(PublishRefusedError);
  });

  test("serves a device that answers on the request's topic", async () => {
    await rawDevice("device-1", onRequestTopic);
    const requester = await connected({ identifier: "control-1", mailbox: "control-1" });
    expect(await ask(requester, "device-1", 3)).toEqual(numbers(3));
  });

  test("serves no device that answers on the topic of the header's id", async () => {
    const device = await rawDevice("device-1", onHeaderId);
    const requester = await connected({ identifier: "control-1", mailbox: "control-1" });
    await expectNoAnswer(requester, "device-1");
    expect(device.asked.all.length).toBe(1);
  });

  test("shows nobody the requests and responses of others", async () => {
    await connectedDevice("device-1");
    const requester = await connected({ identifier: "control-1", mailbox: "control-1" });
    const curious = await connected({ identifier: "curious-1", mailbox: "curious-1" });
    const seen = new Arrivals<string>("a message");
    curious.addMessageHandler(
      new MessageHandlerBase({ process: (_client, topic) => seen.push(topic) }),
    );
    await curious.subscribe("#");
    await ask(requester, "device-1", 5);
    await ask(curious, "device-1", 1);
    expect(seen.all).toEqual(["gf_int_v1/axuv/response/device-1/curious-1"]);
  });
});

/** As above, but requesters are known by their user name and may ask everybody. */
const ACL_WITH_USER = `
user control
topic write gf_int_v1/+/request/+/+

pattern read gf_int_v1/+/request/%c/+
pattern write gf_int_v1/+/response/%c/+
pattern read gf_int_v1/+/response/+/%c
`;

describe.skipIf(mosquittoPath === undefined)(
  `Mosquitto with a user who may ask${unavailable}`,
  () => {
    const login = { username: "control", password: "secret-4711" } as const;

    test("serves that user with a mailbox of the client's name", async () => {
      await using broker = await startMosquitto({
        acl: ACL_WITH_USER,
        authenticate: login,
        tcpNoDelay: true,
      });
      const options = { broker: broker.url, ...login, timeoutMs: CALL_TIMEOUT_MS };
      await using device = new MQTTClient({ ...options, identifier: "device-1" });
      device.addMessageHandler(
        new RequestHandlerBase({
          process: (client, topic, request) =>
            client.respond(topic, request, { body: request.body }),
        }),
      );
      await device.connect();
      const identifier = "control-1";
      await using requester = new MQTTClient({ ...options, identifier, mailbox: identifier });
      await requester.connect();
      expect(await ask(requester, "device-1", 3)).toEqual(numbers(3));
    });
  },
);
