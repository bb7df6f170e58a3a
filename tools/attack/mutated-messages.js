// @ts-check
// Messages with something wrong with them, or by chance nothing: odd values in odd places, broken text, broken bytes.
import { readFileSync } from "node:fs";

const encoder = new TextEncoder();
const vectors = new URL("../../packages/client/test/vectors/wire.json", import.meta.url);
/** @type {readonly string[]} */
const wire = JSON.parse(readFileSync(vectors, "utf8"))
  .messages.map((/** @type {{ payload: unknown }} */ { payload }) => payload)
  .filter((/** @type {unknown} */ payload) => typeof payload === "string");

const IDS = ["1", "", "x".repeat(129), "é", "__proto__", "a/b", "\u0000", " "];
const NAMES = ["method", "response_code", "request_id", "header", "toJSON", "constructor", "then"];
const METHODS = ["GET", "put", 1, 3, "POST", "Delete"];
const CODES = [205, 201, 404, 500, 299, 700];
/** Bytes that mean something in JSON or in UTF-8. */
const BYTES = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d, 0x2c, 0x3a, 0xff, 0xc3, 0xed, 0xf0, 0x80, 0];

/** @returns {readonly unknown[]} */
const oddValues = () => [
  ...[null, true, false, 0, -0, -1, 1e308, 1.5, 2 ** 53, "", "x", "GET", [], {}, [[]]],
  ...[
    { toJSON: 1 },
    JSON.parse('{"then":1}'),
    { constructor: 1 },
    { header: {} },
    "\ud800",
    "\u2028",
  ],
  ...[Array(50).fill(0), { length: 3 }, 205, 404, 999, "205", -205, 205.5],
];

/** Text that JSON.stringify would not make. @param {(limit: number) => number} below */
const rawTexts = (below) => [
  ...["1e999", "-1e999", "9".repeat(400), `1${"0".repeat(30)}`, "9007199254740993"],
  ...["[".repeat(1 + below(30_000)), '{"a":'.repeat(1 + below(2_000))],
  ...["[".repeat(999) + "]".repeat(999), "[".repeat(990) + "]".repeat(990)],
  ...['{"__proto__":{"x":1}}', '{"a":1,"a":2}', String.raw`"\ud800"`],
  ...["NaN", "Infinity", "undefined", "", ",", "\u0000"],
];

/** Makes messages. @param {() => number} random */
export const messageMaker = (random) => {
  const below = (/** @type {number} */ limit) => Math.floor(random() * limit);
  /** @template T @param {readonly T[]} items @returns {T} */
  const pick = (items) => /** @type {T} */ (items[below(items.length)]);
  let serial = 0;
  const someId = () => (random() < 0.8 ? `m-${(serial += 1)}` : pick(IDS));

  const goodMessage = () => {
    const kind = random();
    const header = { path: "gains", request_id: someId(), source: "s" };
    const body = pick(oddValues());
    if (kind < 0.35) return { header: { ...header, method: pick(METHODS) }, body, timestamp: 1 };
    if (kind < 0.7) {
      return { header: { ...header, response_code: pick(CODES) }, body, timestamp: "1" };
    }
    return kind < 0.8 ? { body, timestamp: 1 } : JSON.parse(pick(wire));
  };

  /** @param {unknown} value @returns {unknown} */
  const mutateTree = (value) => {
    if (typeof value !== "object" || value === null || random() < 0.1) return pick(oddValues());
    const fields = /** @type {Record<string, unknown>} */ (value);
    const keys = Object.keys(fields);
    if (keys.length === 0) return pick(oddValues());
    const key = pick(keys);
    const what = below(6);
    if (what === 0) delete fields[key];
    else if (what === 1) fields[pick(NAMES)] = pick(oddValues());
    else fields[key] = what === 2 ? pick(oddValues()) : mutateTree(fields[key]);
    return fields;
  };

  /** @param {Uint8Array} bytes */
  const mutateBytes = (bytes) => {
    const copy = bytes.slice();
    const what = below(5);
    if (what === 0) return copy.slice(0, below(copy.length));
    if (what === 1) return copy.slice(below(copy.length));
    for (let left = 1 + below(8); left > 0; left -= 1) {
      copy[below(copy.length)] = what === 2 ? below(256) : pick(BYTES);
    }
    return copy;
  };

  return () => {
    if (random() < 0.08) return Uint8Array.from({ length: below(200) }, () => below(256));
    /** @type {unknown} */
    let value = goodMessage();
    if (random() < 0.7) for (let left = below(4); left > 0; left -= 1) value = mutateTree(value);
    let text = JSON.stringify(value) ?? "";
    if (random() < 0.2) {
      text = text.replace(/:(null|true|false|-?\d+|"[^"]*")/, () => `:${pick(rawTexts(below))}`);
    }
    if (random() < 0.15) {
      text = text.replace(
        /"(header|method|request_id|body)"/,
        () => `"${pick(["__proto__", "x"])}"`,
      );
    }
    const bytes = encoder.encode(text);
    return random() < 0.3 ? mutateBytes(bytes) : bytes;
  };
};
