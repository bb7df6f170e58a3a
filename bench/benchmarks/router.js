// @ts-check
// What a router costs a device, beside a request handler by hand.
import { withBroker } from "../brokers/broker.js";
import { compareSides } from "../comparison.js";

/** @typedef {import("../pair.js").PairOptions} PairOptions */
/** @typedef {import("./all.js").Setting} Setting */

/** @typedef {"handler" | "router" | "router, pattern" | "instrument"} RouterSideName By hand, or the kind of route that answers. */
/** @typedef {import("../comparison.js").SideResult<RouterSideName>} RouterSideResult */
/** @typedef {{ broker: string, resources: number, sides: readonly RouterSideResult[] }} RouterResult */

const RESOURCES = 100;
const CELL = { inFlight: 64, payloadBytes: 200 };

/** @type {Readonly<Record<RouterSideName, import("../sides/options.js").RouterKind | undefined>>} */
const KINDS = {
  handler: undefined,
  router: "literal",
  "router, pattern": "pattern",
  // It has schemas, and answers with what it holds; the others with what they are sent.
  instrument: "instrument",
};
const SIDES = /** @type {const} */ (["handler", "router", "router, pattern", "instrument"]);

/** @param {string} url @param {RouterSideName} side @returns {PairOptions} */
const pairOf = (url, side) => {
  const kind = KINDS[side];
  return {
    requester: "library",
    device: "library",
    side: {
      url,
      protocolVersion: 4,
      qos: 0,
      // All pairs use the same broker, each with a device of its own.
      prefix: `r${kind ?? "none"}`,
      ...(kind !== undefined && { router: { kind, resources: RESOURCES } }),
    },
  };
};

/** @param {Setting} setting @returns {Promise<RouterResult>} */
export const measureRouter = (setting) =>
  withBroker({}, async ({ name, url }) => {
    const sides = SIDES.map((side) => ({ side, pair: pairOf(url, side) }));
    const contest = { name: `router: ${name}`, sides, cells: [CELL], warmUp: CELL };
    const [cell] = await compareSides(contest, setting);
    return { broker: name, resources: RESOURCES, sides: cell?.sides ?? [] };
  });
