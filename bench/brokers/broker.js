// @ts-check
import { SideProcess } from "../side-process.js";
import { findMosquitto, startMosquitto } from "./mosquitto.js";

/**
 * @typedef {object} Broker
 * @property {string} name With its version, and what its configuration has beyond the stock one.
 * @property {boolean} isMosquitto
 * @property {string} url
 * @property {() => Promise<void>} close
 */

const mosquitto = findMosquitto();

/** Whether a broker with `set_tcp_nodelay` can be had. */
export const hasNoDelayVariant = mosquitto !== undefined;

/** @returns {Promise<Broker>} */
export const startEmbedded = async () => {
  const process = await SideProcess.start("brokers/embedded-process.js", undefined);
  return {
    name: "embedded broker",
    isMosquitto: false,
    url: await process.call("url", undefined),
    close: () => process.close(),
  };
};

/**
 * Starts Mosquitto, or where it is not installed the embedded broker, on a free port.
 *
 * @param {{ noDelay?: boolean }} [options] `noDelay`: with Mosquitto's `set_tcp_nodelay true`; default false.
 * @returns {Promise<Broker>}
 */
export const startBroker = ({ noDelay = false } = {}) =>
  mosquitto === undefined ? startEmbedded() : startMosquitto(mosquitto, { noDelay });

/**
 * Runs `use` with a broker of its own.
 *
 * @template T
 * @param {{ noDelay?: boolean }} options @param {(broker: Broker) => Promise<T>} use
 */
export const withBroker = async (options, use) => {
  const broker = await startBroker(options);
  try {
    return await use(broker);
  } finally {
    await broker.close();
  }
};
