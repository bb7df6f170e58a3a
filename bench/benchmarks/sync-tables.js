// @ts-check
import { hundredths, significant, spread, whole } from "../figures.js";

/** @typedef {import("../table.js").Table} Table */
/** @typedef {import("./sync.js").SyncResult} SyncResult */

/** @param {SyncResult} result @returns {readonly Table[]} */
export const syncTables = ({ broker, sides, startUps }) => [
  {
    title: `sync: requests of 200 B, one after another (${broker})`,
    columns: [
      "",
      "req/s",
      "min–max",
      "median ms",
      "p99 ms",
      "ratio of medians",
      "min–max",
      "µs req.",
      "µs dev.",
    ],
    rows: sides.map((side, index) => [
      side.side,
      whole(side.perSecond.median),
      spread(side.perSecond, whole),
      significant(side.medianMs.median),
      significant(side.p99Ms.median),
      index === 0 ? "" : hundredths(side.medianRatio.median),
      index === 0 ? "" : spread(side.medianRatio, hundredths),
      whole(side.requesterMicros.median),
      whole(side.deviceMicros.median),
    ]),
  },
  {
    title: `sync: start of a process, in ms (${broker})`,
    columns: ["", "import", "min–max", "new to connected", "min–max", "both"],
    rows: startUps.map(({ kind, importMs, connectMs, totalMs }) => [
      kind,
      significant(importMs.median),
      spread(importMs, significant),
      significant(connectMs.median),
      spread(connectMs, significant),
      significant(totalMs.median),
    ]),
  },
];
