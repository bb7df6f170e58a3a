// Type-checked only: what a strict project gets to see of the packed client.
import { GatewayTimeoutResponse, Method, MQTTClient, ResponseException } from "gf-mqtt-client";
import { SyncMQTTClient, SyncRequestHandlerBase } from "gf-mqtt-client/sync";
import * as testing from "gf-mqtt-client/testing";

export const isModule: object = testing;

export const ask = async (broker: string, signal: AbortSignal): Promise<unknown> => {
  const client = new MQTTClient({ broker, identifier: "consumer", timeoutMs: 1_000 });
  try {
    await client.connect({ signal });
    const request = { targetDeviceTag: "device", subsystem: "axuv", path: "gains", signal };
    const { body } = await client.request({ ...request, method: Method.GET });
    // @ts-expect-error -- without a schema nothing is known of the body
    void body.length;
    return body;
  } catch (error) {
    if (error instanceof GatewayTimeoutResponse) return "no answer";
    if (error instanceof ResponseException) return error.responseCode;
    throw error;
  } finally {
    await client.disconnect();
  }
};

export const askBlocking = (broker: string): unknown => {
  const client = new SyncMQTTClient({ broker, password: () => "asked for" });
  client.addMessageHandler(
    new SyncRequestHandlerBase({
      process: (self, topic, request) => {
        self.respond(topic, request, { body: self.isConnected });
      },
    }),
  );
  client.connect({ timeoutMs: 1_000 });
  const { body } = client.device("device", "axuv").get("gains");
  // @ts-expect-error -- without a schema nothing is known of the body
  void body.length;
  client.publish("a/b", { body: 1 }, { wait: false });
  client.disconnect();
  return body;
};

// @ts-expect-error -- nobody could wait for what it gives
export const asynchronous = new SyncRequestHandlerBase({ process: async () => undefined });
