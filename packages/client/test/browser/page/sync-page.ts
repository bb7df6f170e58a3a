import { RuntimeNotSupportedError, SyncMQTTClient } from "gf-mqtt-client/sync";

/** How making a blocking client fails on a page. */
export const refusal = (): Readonly<Record<string, unknown>> => {
  try {
    return { made: new SyncMQTTClient({ broker: "ws://127.0.0.1" }).broker };
  } catch (error) {
    if (!(error instanceof RuntimeNotSupportedError)) throw error;
    const { name, code, feature, reason, message } = error;
    return { name, code, feature, reason, message };
  }
};
