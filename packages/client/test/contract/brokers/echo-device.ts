import { MQTTClient, RequestHandlerBase } from "../../../src/browser.ts";

/** A running device. */
export interface EchoDevice {
  close(): Promise<void>;
}

/** Starts a device that answers every request with its body. */
export const startEchoDevice = async (broker: string, identifier: string): Promise<EchoDevice> => {
  const device = new MQTTClient({ broker, identifier });
  device.addMessageHandler(
    new RequestHandlerBase({
      process: (client, topic, request) => client.respond(topic, request, { body: request.body }),
    }),
  );
  await device.connect();
  return { close: () => device.disconnect() };
};
