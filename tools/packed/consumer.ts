// Type-checked only: what a strict project gets to see of the packed client.
import { GatewayTimeoutResponse, Method, MQTTClient, ResponseException } from "gf-mqtt-client";
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
