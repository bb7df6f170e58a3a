import { describe, expect, test } from "vitest";
import { MQTTClient } from "../../src/index.ts";
import { MemoryBroker } from "../../src/testing.ts";

describe("access rules", () => {
  const scene = (protocolVersion: "5" | "3.1.1") => {
    const broker = new MemoryBroker({
      allow: {
        publish: ["lab/%c/#"],
        subscribe: ["gf_int_v1/+/response/+/+", "gf_int_v1/+/request/%c/+", "lab/#"],
      },
    });
    return new MQTTClient({
      ...broker.connection,
      identifier: "c",
      protocolVersion,
      logLevel: "silent",
    });
  };

  test("refuse what they do not allow, as a broker with MQTT 5 does", async () => {
    await using client = await scene("5").connect();
    const payload = { body: 1, timestamp: 0 };
    await client.publish("lab/c/x", payload, { qos: 1 });
    await expect(client.publish("lab/d/x", payload, { qos: 1 })).rejects.toMatchObject({
      name: "PublishRefusedError",
      reasonCode: 135,
    });
    await client.publish("lab/d/x", payload);
    await client.subscribe("lab/+/x");
    await expect(client.subscribe("#")).rejects.toMatchObject({ reasonCode: 135 });
  });

  test("drop a publish without a word with MQTT 3.1.1", async () => {
    await using client = await scene("3.1.1").connect();
    await client.publish("lab/d/x", { body: 1, timestamp: 0 }, { qos: 1 });
    await expect(client.subscribe("#")).rejects.toMatchObject({ reasonCode: 128 });
  });

  test.each([{ write: [] }, { publish: "lab/#" }, { publish: ["lab/#/x"] }])(
    "%j is no set of rules",
    (allow) => {
      expect(() => new MemoryBroker({ allow: allow as object })).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/_(OPTION|TOPIC)$/) }),
      );
    },
  );
});
