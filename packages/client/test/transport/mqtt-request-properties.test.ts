import { startDevBroker } from "gf-mqtt-dev-broker";
import mqtt from "mqtt";
import type { IPublishPacket } from "mqtt";
import { describe, expect, test } from "vitest";
import { MQTTClient } from "../../src/client/mqtt-client.ts";
import { PayloadHandler } from "../../src/protocol/payload-handler.ts";
import { mosquittoPath, startMosquitto } from "../support/mosquitto.ts";
import { soon } from "./soon.ts";

const REQUEST = { targetDeviceTag: "device", subsystem: "axuv", path: "gains" } as const;

/** The header of a request as a responder finds it. */
const headerOf = (payload: string | Buffer): { readonly request_id: string } => {
  const { header }: { header: { request_id: string } } = JSON.parse(payload.toString());
  return header;
};

/** A bare MQTT 5 client that answers on the response topic of whatever request comes. */
const startResponder = async (url: string) => {
  const responder = await soon("the connection", mqtt.connectAsync(url, { protocolVersion: 5 }));
  await responder.subscribeAsync("gf_int_v1/+/request/device/+");
  const requests: IPublishPacket[] = [];
  responder.on("message", (_topic, payload, request) => {
    requests.push(request);
    const { responseTopic } = request.properties ?? {};
    const { request_id: id } = headerOf(payload);
    const response = new PayloadHandler().createResponsePayload(205, "gains", id, "by the book");
    if (responseTopic !== undefined) responder.publish(responseTopic, JSON.stringify(response));
  });
  return { requests, [Symbol.asyncDispose]: () => responder.endAsync(true) };
};

const startBroker = {
  "the embedded broker": () => startDevBroker({ wsPort: false }),
  Mosquitto: () => startMosquitto(),
};

describe.each([
  { name: "the embedded broker", isMissing: false },
  { name: "Mosquitto", isMissing: mosquittoPath === undefined },
] as const)("a request over $name", ({ name, isMissing }) => {
  test.skipIf(isMissing).each([0, 1] as const)(
    "tells MQTT 5 responders where to answer, and until when, QoS %i (Mosquitto must be installed)",
    async (qos) => {
      await using broker = await startBroker[name]();
      await using responder = await startResponder(broker.url);
      await using client = new MQTTClient({ broker: broker.url, identifier: "requester" });
      await client.connect();
      const response = await client.request({ ...REQUEST, qos, timeoutMs: 8_500 });
      expect(response.body).toBe("by the book");
      const [request] = responder.requests;
      const properties = request?.properties;
      const { request_id: id } = headerOf(request?.payload ?? "");
      expect(properties?.correlationData?.toString()).toBe(id);
      // Rounded up from 8.5 s; a broker takes off what it kept the message for, in whole seconds.
      expect([9, 8]).toContain(properties?.messageExpiryInterval);
    },
  );
});

test("a request over MQTT 3.1.1 has no properties, and is answered all the same", async () => {
  await using broker = await startDevBroker({ wsPort: false, protocolVersions: [4] });
  await using client = new MQTTClient({ broker: broker.url, identifier: "requester" });
  await client.connect();
  await expect(client.request({ ...REQUEST, timeoutMs: 50 })).rejects.toMatchObject({
    name: "GatewayTimeoutResponse",
  });
});
