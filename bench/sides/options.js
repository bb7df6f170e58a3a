// @ts-check

/** @typedef {"literal" | "pattern" | "instrument"} RouterKind The kind of route that answers; or the simulated instrument. */

/**
 * @typedef {object} SideOptions
 * @property {string} url The broker's.
 * @property {4 | 5} protocolVersion MQTT 3.1.1 or 5.
 * @property {0 | 1} qos
 * @property {string} prefix What the tags of the devices begin with.
 * @property {boolean} [isEveryDevice] For a device: it plays all devices; default: the first only.
 * @property {"auto" | "per-request"} [responseRouting] For a requester that uses the library.
 * @property {{ kind: RouterKind, resources: number }} [router] For a device that uses the library: it serves with one.
 * @property {number} [groupSize] For a device that plays all: how many answer a request to {@link GROUP}.
 * @property {false} [repeats] For a side that uses the library: it keeps no answers.
 * @property {import("./waveform.js").WaveformKind} [waveform] A device answers with one, whatever it is asked.
 * @property {boolean} [offersCbor] For a side that uses the library: it has CBOR.
 * @property {number} [spinMs] For a side that uses the blocking client.
 */

/** A group that so many devices are in. */
export const GROUP = "everybody";

/** What this process was started with. @returns {SideOptions} */
export const readOptions = () => JSON.parse(process.argv[2] ?? "{}");
