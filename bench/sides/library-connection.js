// @ts-check
import { MQTTClient } from "gf-mqtt-client";
import { cbor } from "gf-mqtt-client/cbor";
import { SyncMQTTClient } from "gf-mqtt-client/sync";

/** @typedef {import("./options.js").SideOptions} SideOptions */

/** Longer than anything takes here: a request that gets no answer is to stop the benchmark. */
const TIMEOUT_MS = 120_000;

/**
 * What the library is told: its defaults where the benchmark is not about something else.
 *
 * @param {SideOptions} options @param {string} identifier
 */
const clientOptions = (
  { url, protocolVersion, qos, responseRouting, repeats, offersCbor = false },
  identifier,
) => ({
  broker: url,
  identifier,
  protocolVersion,
  qosDefault: qos,
  responseRouting,
  repeats,
  contentFormats: offersCbor ? [cbor] : [],
  timeoutMs: TIMEOUT_MS,
});

/** Connects with the library. @param {SideOptions} options @param {string} identifier */
export const connectLibrary = async (options, identifier) => {
  const client = new MQTTClient(clientOptions(options, identifier));
  await client.connect();
  return client;
};

/** The same with its blocking client. @param {SideOptions} options @param {string} identifier */
export const connectSync = (options, identifier) => {
  const { spinMs } = options;
  const client = new SyncMQTTClient({ ...clientOptions(options, identifier), spinMs });
  client.connect();
  return client;
};
