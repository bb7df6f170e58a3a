// @ts-check
import { hundredths, payloadSize, significant, whole, withSpread } from "../figures.js";

/** @typedef {import("../table.js").Table} Table */
/** @typedef {import("./devices.js").DevicesResult} DevicesResult */

/** @param {DevicesResult} result @returns {readonly Table[]} */
export const devicesTables = ({ broker, kept, devices, ways }) => [
  {
    title: `devices: answers kept for requests that come again, 64 in flight (${broker})`,
    columns: ["payload", "answers kept", "µs of the device", "to none", "per second"],
    rows: kept.flatMap(({ payloadBytes, sides }) =>
      sides.map(({ side, deviceMicros, deviceRatio, perSecond }) => [
        payloadSize(payloadBytes),
        side,
        withSpread(deviceMicros, significant),
        withSpread(deviceRatio, hundredths),
        withSpread(perSecond, whole),
      ]),
    ),
  },
  {
    title: `devices: ${whole(devices)} asked at once, 64 in flight (${broker})`,
    columns: ["asked with", "answers per second", "to request()"],
    rows: ways.map(({ way, perSecond, ratio }) => [
      way === "request()" ? way : `requestMany(), a ${way}`,
      withSpread(perSecond, whole),
      withSpread(ratio, hundredths),
    ]),
  },
];
