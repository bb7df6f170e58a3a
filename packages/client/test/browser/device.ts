import { MQTTClient, RequestHandlerBase } from "../../src/index.ts";
import type { RequestPayload, RespondOptions } from "../../src/index.ts";

/** Its identifier. */
export const DEVICE = "bench-1";

/** What the device says to a request; undefined: nothing. */
const answerTo = ({ header, body }: RequestPayload): RespondOptions | undefined => {
  switch (header.path) {
    case "gains":
      return header.method === "GET" ? { body: [1, 2.5, 3] } : { code: 204 };
    case "echo":
      return { body };
    case "silence":
      return undefined;
    default:
      return { code: 404, body: `there is no ${header.path}` };
  }
};

/** A device in this process, connected, and what it was asked for. */
export interface Device {
  readonly client: MQTTClient;
  readonly requests: readonly RequestPayload[];
}

/** Starts one that serves `gains` and `echo`, keeps silent on `silence`, and knows nothing else. */
export const startDevice = async (broker: string): Promise<Device> => {
  const reconnect = { minDelayMs: 1, maxDelayMs: 20 };
  const client = new MQTTClient({ broker, identifier: DEVICE, reconnect });
  const requests: RequestPayload[] = [];
  client.addMessageHandler(
    new RequestHandlerBase({
      process: async (device, topic, request) => {
        requests.push(request);
        const answer = answerTo(request);
        if (answer !== undefined) await device.respond(topic, request, answer);
      },
    }),
  );
  await client.connect();
  return { client, requests };
};
