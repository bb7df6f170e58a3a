// @ts-check
import mqtt from "mqtt";

/** @typedef {import("./options.js").SideOptions} SideOptions */

/** Connects with MQTT.js alone. @param {SideOptions} options */
export const connectBare = async ({ url, protocolVersion }) => {
  const client = await mqtt.connectAsync(url, { protocolVersion, reconnectPeriod: 0 });
  const { stream } = client;
  // Without it, QoS 1 takes 40 ms and more: a comparison with that would be too easy.
  if ("setNoDelay" in stream && typeof stream.setNoDelay === "function") stream.setNoDelay(true);
  // MQTT.js adds a listener for every publish that meets a full socket.
  stream.setMaxListeners(0);
  return client;
};
