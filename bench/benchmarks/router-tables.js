// @ts-check
import { hundredths, significant, whole, withSpread } from "../figures.js";

/** @typedef {import("../table.js").Table} Table */
/** @typedef {import("./router.js").RouterResult} RouterResult */

/** @param {RouterResult} result @returns {readonly Table[]} */
export const routerTables = ({ broker, resources, sides }) => [
  {
    title: `router: ${whole(resources)} resources, 64 in flight, 200 B (${broker})`,
    columns: ["answered by", "µs of the device", "to handler", "per second"],
    rows: sides.map(({ side, deviceMicros, deviceRatio, perSecond }) => [
      side,
      withSpread(deviceMicros, significant),
      withSpread(deviceRatio, hundredths),
      withSpread(perSecond, whole),
    ]),
  },
];
