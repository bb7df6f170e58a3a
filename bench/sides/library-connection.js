// @ts-check
import { MQTTClient } from "gf-mqtt-client";

/** @typedef {import("./options.js").SideOptions} SideOptions */

/** Longer than anything takes here: a request that gets no answer is to stop the benchmark. */
const TIMEOUT_MS = 120_000;

/**
 * Connects with the library, with its defaults where the benchmark is not about something else.
 *
 * @param {SideOptions} options @param {string} identifier
 */
export const connectLibrary = async (
  { url, protocolVersion, qos, responseRouting },
  identifier,
) => {
  const client = new MQTTClient({
    broker: url,
    identifier,
    protocolVersion,
    qosDefault: qos,
    responseRouting,
    timeoutMs: TIMEOUT_MS,
  });
  await client.connect();
  return client;
};
