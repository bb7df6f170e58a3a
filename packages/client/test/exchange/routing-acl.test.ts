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
import type { AnswersOn } from "./raw-device.ts";

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
  const rawDevice = async (target: string, answersOn: AnswersOn): Promise<RawDevice> => {
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

/** As above, but who has the user name of a requester may ask everybody, by any topic. */
const ACL_WITH_USER = `
user control
topic write gf_int_v1/+/request/+/+

pattern read gf_int_v1/+/request/%c/+
pattern write gf_int_v1/+/response/%c/+
pattern read gf_int_v1/+/response/+/%c
`;

/** The same, and may read every response of one subsystem. */
const ACL_WITH_READER = ACL_WITH_USER.replace(
  "topic write",
  "topic read gf_int_v1/axuv/response/+/+\ntopic write",
);

const login = { username: "control", password: "secret-4711" } as const;

/** A broker, a device there and a requester, until the test ends. */
const userScene = async (acl: string, options: Scene): Promise<MQTTClient> => {
  const broker = await startMosquitto({ acl, authenticate: login, tcpNoDelay: true });
  onTestFinished(() => broker[Symbol.asyncDispose]());
  const { answersOn, ...further } = options;
  const target = "device-1";
  const place = { url: broker.url, level: 5, login } as const;
  const device = await RawDevice.connect({ ...place, target, clientId: target, answersOn });
  onTestFinished(() => device.close());
  const requester = new MQTTClient({
    broker: broker.url,
    ...login,
    identifier: "control-1",
    mailbox: "control-1",
    timeoutMs: CALL_TIMEOUT_MS,
    ...further,
  });
  onTestFinished(() => requester.disconnect());
  await requester.connect();
  return requester;
};

interface Scene extends Pick<MQTTClientOptions, "responseRouting"> {
  readonly answersOn: AnswersOn;
}

describe.skipIf(mosquittoPath === undefined)(`Mosquitto with a user${unavailable}`, () => {
  test("who may ask, serves the user with a mailbox of the client's name", async () => {
    const requester = await userScene(ACL_WITH_USER, { answersOn: onRequestTopic });
    expect(await ask(requester, "device-1", 3)).toEqual(numbers(3));
  });

  test("who may not read all responses, serves no requests without a mailbox", async () => {
    const answersOn = onRequestTopic;
    const requester = await userScene(ACL_WITH_USER, { answersOn, responseRouting: "per-request" });
    await expectNoAnswer(requester, "device-1");
  });

  test("who may read all responses, serves devices that answer on the header's id", async () => {
    const requester = await userScene(ACL_WITH_READER, { answersOn: onHeaderId });
    expect(await ask(requester, "device-1", 3)).toEqual(numbers(3));
  });

  test("who may read all responses, serves requests without a mailbox", async () => {
    const answersOn = onRequestTopic;
    const requester = await userScene(ACL_WITH_READER, {
      answersOn,
      responseRouting: "per-request",
    });
    expect(await ask(requester, "device-1", 3)).toEqual(numbers(3));
  });
});
