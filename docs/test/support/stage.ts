import { MQTTClient } from "gf-mqtt-client";
import type { MQTTClientOptions, Transport } from "gf-mqtt-client";
import { startDevBroker } from "gf-mqtt-dev-broker";

import { mqttTransport } from "../../../packages/client/src/transport/mqtt.ts";

/** The host that the documents write where readers put their own. */
export const SAMPLE_HOST = "broker.example.com";

/** A broker of its own, and clients that reach it where a document names its sample host. */
export interface Stage extends AsyncDisposable {
  /** Where its broker is. */
  readonly brokerUrl: string;
  /** A class of clients like `MQTTClient`, which adds every client that is made to `made`. */
  clientClass(made: MQTTClient[]): new (options: MQTTClientOptions) => MQTTClient;
}

const leadingTo = (brokerUrl: string): Transport => ({
  dial: (request) => {
    if (new URL(request.url).hostname !== SAMPLE_HOST) return mqttTransport.dial(request);
    const { tls: _plainTcpHasNone, ...rest } = request;
    return mqttTransport.dial({ ...rest, url: brokerUrl });
  },
});

/** Opens a stage on a free port. */
export const openStage = async (): Promise<Stage> => {
  const broker = await startDevBroker();
  const transport = leadingTo(broker.url);
  const clients: MQTTClient[] = [];
  return {
    brokerUrl: broker.url,
    clientClass: (made) =>
      class extends MQTTClient {
        constructor(options: MQTTClientOptions) {
          super({ transport, ...options });
          clients.push(this);
          made.push(this);
        }
      },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(clients.map((client) => client.disconnect()));
      await broker.close();
    },
  };
};
