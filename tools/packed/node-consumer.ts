// Type-checked only: the client beside the embedded broker, which needs Node and its types.
import { startDevBroker } from "gf-mqtt-dev-broker";
import { ask } from "./consumer.js";

export const askOwnBroker = async (): Promise<unknown> => {
  const broker = await startDevBroker({ port: 0 });
  try {
    return await ask(broker.url, AbortSignal.timeout(1_000));
  } finally {
    await broker.close();
  }
};
