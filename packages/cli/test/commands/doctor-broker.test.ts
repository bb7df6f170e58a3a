import { MQTTClient } from "gf-mqtt-client";
import { startDevBroker } from "gf-mqtt-dev-broker";
import { describe, expect, test } from "vitest";

import { startLegacyFront } from "../../../client/test/support/legacy-broker.ts";
import { mosquittoPath, startMosquitto } from "../../../client/test/support/mosquitto.ts";
import type { MosquittoOptions } from "../../../client/test/support/mosquitto.ts";
import { PacketType } from "../../../client/test/transport/packets.ts";
import { examine } from "../support/doctor.ts";
import type { Diagnosis } from "../support/doctor.ts";
import { startOddBroker } from "../support/odd-broker.ts";
import type { Oddities } from "../support/odd-broker.ts";

describe("who connects again and again as the same", () => {
  test("a device with presence is told, and left alone", async () => {
    await using broker = await startDevBroker();
    await using device = new MQTTClient({
      broker: broker.url,
      identifier: "pump-1",
      presence: true,
    });
    const states: string[] = [];
    device.on("state", (next) => states.push(next));
    await device.connect();
    const { of, failures } = await examine("--broker", broker.url, "--identifier", "pump-1");
    expect(failures).toEqual(["login.identifier"]);
    expect(of("login.identifier").text).toBe("pump-1 is there already: its presence says ONLINE");
    expect(states).toEqual(["connecting", "online"]);
  });

  test("a client without presence is found by what it does to the other", async () => {
    await using broker = await startDevBroker();
    await using twin = new MQTTClient({
      broker: broker.url,
      identifier: "pump-1",
      logLevel: "silent",
    });
    await twin.connect();
    const { status, of, failures } = await examine(
      ...["--broker", broker.url, "--identifier", "pump-1"],
    );
    expect(status).toBe(1);
    expect(failures).toEqual(["login.identifier"]);
    expect(of("login.identifier").text).toContain("somebody else connects as pump-1");
  });

  test("nobody else is well", async () => {
    await using broker = await startDevBroker();
    const { of, status } = await examine("--broker", broker.url, "--identifier", "pump-1");
    expect(of("login.identifier").text).toBe("nobody else is there as pump-1");
    expect(status).toBe(0);
  });
});

describe("the version", () => {
  test.each([
    ["refuse", "refuses"],
    ["hang-up", "hangs up on"],
  ] as const)("a broker that knows MQTT 3.1.1 only (%s) is told", async (mode, told) => {
    await using broker = await startDevBroker();
    await using front = await startLegacyFront(broker.port, mode);
    const { of, document } = await examine("--broker", front.url);
    expect(document.connected).toBe(true);
    expect(of("login.version")).toMatchObject({
      status: "ok",
      text: `MQTT 3.1.1: the broker ${told} MQTT 5, so it cannot tell when nobody listens`,
      data: { version: "3.1.1" },
    });
    expect(of("limits.packet").text).toBe("MQTT 3.1.1 does not tell");
  });

  test("a version that the broker refuses is told", async () => {
    await using broker = await startDevBroker({ protocolVersions: [4] });
    const { status, of } = await examine("--broker", broker.url, "--mqtt", "5");
    expect(status).toBe(7);
    expect(of("login.credentials")).toMatchObject({
      status: "failed",
      text: "the broker refuses the login without a user name: it speaks another version of MQTT (132)",
      data: { reasonCode: 132 },
    });
  });

  test("shared subscriptions that are granted for nothing are told", async () => {
    await using broker = await startDevBroker();
    const { failures, of } = await examine("--broker", broker.url, "--mqtt", "3");
    expect(failures).toEqual(["features.share"]);
    expect(of("features.share").text).toBe(
      "the broker grants one, and delivers nothing through it",
    );
  });
});

describe("odd brokers", () => {
  const examineOdd = async (oddities: Oddities): Promise<Diagnosis> => {
    await using broker = await startOddBroker(oddities);
    return await examine("--broker", broker.url);
  };

  test("messages that are not kept, and not shared, are told", async () => {
    const { status, failures, of } = await examineOdd({});
    expect(failures).toEqual(["features.share", "features.retained"]);
    expect(of("features.retained").text).toContain("is not delivered to who subscribes later");
    expect(status).toBe(1);
  });

  test("narrow limits are told, with what to set", async () => {
    await using broker = await startOddBroker({
      limits: {
        receiveMaximum: 3,
        maximumQoS: 0,
        retainAvailable: false,
        maximumPacketSize: 2_048,
      },
    });
    const { of } = await examine("--broker", broker.url);
    expect(of("limits.packet")).toMatchObject({
      status: "failed",
      text: "packets of 2 kB at most: longer requests and answers are refused",
      data: { bytes: 2_048 },
    });
    expect(of("limits.receive-maximum")).toMatchObject({ status: "failed", data: { count: 3 } });
    expect(of("limits.qos")).toMatchObject({ status: "failed", data: { qos: 0 } });
    expect(of("limits.retain")).toMatchObject({ status: "failed" });
    expect(of("round-trip.qos1").text).toBe("the broker takes QoS 0 at most");
    expect(of("features.retained").text).toBe("the broker keeps none");
    const sent = broker.packets.filter(({ type }) => type === PacketType.PUBLISH);
    // Flags of a PUBLISH are its QoS and whether it is to be kept.
    expect(new Set(sent.map(({ flags }) => flags))).toEqual(new Set([0]));
  });

  test("responses that get lost are told", async () => {
    const { failures, of } = await examineOdd({ loses: ({ topic }) => topic.includes("response") });
    expect(failures).toContain("rights.receive-responses");
    expect(failures).not.toContain("rights.receive-requests");
    expect(of("rights.send-responses").status).toBe("ok");
  });

  test("a broker that ends the connection over a shared subscription is told", async () => {
    await using broker = await startOddBroker({
      onFilter: (filter) => {
        if (filter.startsWith("$share/")) broker.cut();
      },
    });
    const { failures, of } = await examine("--broker", broker.url);
    expect(failures).toEqual(["features.share", "features.retained"]);
    expect(of("features.share").text).toBe("the broker ends the connection over one");
  });

  test("a broker that ends the connection over QoS 2 is told, and asked on", async () => {
    await using broker = await startOddBroker({
      loses: ({ qos }) => {
        if (qos === 2) broker.cut();
        return false;
      },
    });
    const { of } = await examine("--broker", broker.url);
    expect(of("round-trip.qos2").text).toBe("the broker ended the connection over QoS 2");
    expect(of("round-trip.nagle").status).toBe("ok");
    expect(of("features.retained").text).toContain("not delivered to who subscribes later");
  });

  test("messages with QoS 2 that get lost are told", async () => {
    const { of } = await examineOdd({ loses: ({ qos }) => qos === 2 });
    expect(of("round-trip.qos1").status).toBe("ok");
    expect(of("round-trip.qos2").text).toBe("a message with QoS 2 was lost");
  });
});

describe("access rules", () => {
  test("what the broker refuses is told with its code, and which rule is missing", async () => {
    await using broker = await startDevBroker({
      authorizePublish: (_id, topic) => !topic.includes("/response/"),
      authorizeSubscribe: (_id, filter) => !filter.includes("/request/"),
    });
    const { failures, of } = await examine("--broker", broker.url);
    expect(failures).toEqual(["rights.receive-requests", "rights.send-responses"]);
    expect(of("rights.receive-requests")).toMatchObject({
      text: expect.stringMatching(/^the broker refuses gf_int_v1\/\+\/request\/.*\/\+ \(135\)$/),
      advice: expect.stringContaining("(a device needs that)"),
      data: { reasonCode: 135 },
    });
    expect(of("rights.receive-responses")).toMatchObject({ status: "unknown" });
    expect(of("rights.send-responses").advice).toContain("gf_int_v1/+/response/IDENTIFIER/+");
  });

  test("a broker that ends the connection over a message is told, and asked on", async () => {
    await using broker = await startDevBroker({
      authorizePublish: (_id, topic) => !topic.includes("/request/"),
    });
    const { failures, of } = await examine("--broker", broker.url, "--mqtt", "3");
    expect(failures).toContain("rights.send-requests");
    expect(of("rights.send-requests").text).toContain("the broker ended the connection over ");
    expect(of("rights.receive-responses").status).toBe("ok");
  });
});

describe.skipIf(mosquittoPath === undefined)("Mosquitto set up wrong", () => {
  const examineBroker = async (
    options: MosquittoOptions,
    ...args: readonly string[]
  ): Promise<Diagnosis> => {
    await using broker = await startMosquitto({ tcpNoDelay: true, ...options });
    return await examine("--broker", broker.url, ...args);
  };

  test("the stall of a stock configuration is told with its cure", async () => {
    const { status, failures, of } = await examineBroker({ tcpNoDelay: false });
    expect(status).toBe(1);
    expect(failures).toEqual(["round-trip.nagle"]);
    expect(of("round-trip.nagle").advice).toContain("set_tcp_nodelay true in mosquitto.conf");
  });

  test("credentials that are missing or wrong are told", async () => {
    const options = { authenticate: { username: "lab", password: "hush" } };
    const none = await examineBroker(options);
    expect(none.status).toBe(7);
    expect(none.failures).toEqual(["login.credentials"]);
    expect(none.of("login.credentials").text).toMatch(
      /^the broker refuses the login without a user/,
    );
    const wrong = await examineBroker(options, "-u", "lab", "--password", "wrong");
    expect(wrong.of("login.credentials")).toMatchObject({
      text: expect.stringMatching(/^the broker refuses the login as lab: .* \(13[45]\)$/),
    });
    expect(JSON.stringify(wrong)).not.toContain("wrong");
    const right = await examineBroker(options, "-u", "lab", "--password", "hush");
    expect(right.of("login.credentials").text).toBe("the broker lets lab in");
    expect(right.failures).toEqual([]);
  });

  test("limits in its configuration are told", async () => {
    const config = ["max_packet_size 3000", "max_inflight_messages 5", "retain_available false"];
    const { of } = await examineBroker({ config: config.join("\n") });
    expect(of("limits.packet")).toMatchObject({ status: "failed", data: { bytes: 3_000 } });
    expect(of("limits.retain")).toMatchObject({ status: "failed" });
    expect(of("features.retained").text).toBe("the broker keeps none");
  });

  test("rules that drop without a word are told", async () => {
    const { failures, of } = await examineBroker({ acl: "topic write gf_int_v1/#\n" });
    expect(failures).toEqual(["rights.receive-responses", "rights.receive-requests"]);
    expect(of("rights.receive-requests").text).toMatch(
      /takes a message for it, and delivers nothing$/,
    );
    expect(of("rights.send-requests").status).toBe("ok");
    expect(of("features.share").text).toContain("the access rules let nothing arrive on");
  });

  test("over MQTT 3.1.1, it is not told apart what they forbid", async () => {
    const { failures, of } = await examineBroker(
      { acl: "topic read gf_int_v1/#\n" },
      ...["--mqtt", "3"],
    );
    expect(failures).toEqual(["rights.receive-responses", "rights.receive-requests"]);
    expect(of("rights.send-requests").status).toBe("unknown");
    expect(of("rights.receive-requests").advice).toContain("and to write there");
  });

  test("rules for mailboxes that are named after clients are told", async () => {
    const acl = [
      "topic write gf_int_v1/+/request/+/+",
      "pattern read gf_int_v1/+/request/%c/+",
      "pattern write gf_int_v1/+/response/%c/+",
      "pattern read gf_int_v1/+/response/+/%c",
    ];
    const { failures, of } = await examineBroker({ acl: `${acl.join("\n")}\n` });
    expect(failures).toEqual(["rights.receive-responses"]);
    expect(of("rights.receive-responses").advice).toContain('mailbox: "identifier"');
    expect(of("round-trip.qos0").status).toBe("ok");
  });
});
