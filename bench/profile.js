// @ts-check
// Where one side of the echo spends its time.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { UsageError } from "./arguments.js";
import { withBroker } from "./brokers/broker.js";
import { readProfile, sharesByArea, sharesByFunction } from "./cpu-profile.js";
import { significant, whole } from "./figures.js";
import { withPair } from "./pair.js";
import { tableText } from "./table.js";

/** @typedef {import("./cpu-profile.js").Share} Share */
/** @typedef {import("./pair.js").PairOptions} PairOptions */

const SHOWN_AREAS = 16;
const SHOWN_FUNCTIONS = 25;
const LONGEST_NAME = 70;
const PAYLOAD_BYTES = 200;
const WARM_UP_MS = 1_000;

const USAGE =
  "usage: node bench/profile.js requester|device [--bare] [--in-flight N] [--seconds N]";

/** @param {string} text */
const readCount = (text) => {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new UsageError(`expected a whole number from 1 to 99999, got "${text}"`);
};

/** @param {readonly string[]} args */
const parse = (args) => {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        bare: { type: "boolean", default: false },
        "in-flight": { type: "string", default: "64" },
        seconds: { type: "string", default: "5" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
};

/**
 * @param {readonly string[]} args
 * @returns {{ side: "requester" | "device", kind: "bare" | "library", inFlight: number, seconds: number }}
 */
const readArguments = (args) => {
  const { values, positionals } = parse(args);
  const [side, ...others] = positionals;
  if ((side !== "requester" && side !== "device") || others.length > 0) {
    throw new UsageError("say which side: requester or device");
  }
  const kind = values.bare ? "bare" : "library";
  const { "in-flight": inFlight, seconds } = values;
  return { side, kind, inFlight: readCount(inFlight), seconds: readCount(seconds) };
};

/** @param {string} title @param {readonly Share[]} shares @param {number} micros Processor time per request. */
const print = (title, shares, micros) => {
  const rows = shares.map(({ name, share }) => [
    name.slice(0, LONGEST_NAME),
    `${(share * 100).toFixed(1)} %`,
    significant(share * micros),
  ]);
  console.log(`\n${tableText({ title, columns: ["", "busy time", "µs per request"], rows })}`);
};

/** @param {ReturnType<typeof readArguments>} settings */
const profile = ({ side, kind, inFlight, seconds }) => {
  const folder = mkdtempSync(join(tmpdir(), "bench-profile-"));
  const nodeOptions = ["--cpu-prof", `--cpu-prof-dir=${folder}`, "--cpu-prof-interval=200"];
  return withBroker({}, async ({ name, url }) => {
    /** @type {PairOptions} */
    const pairOptions = {
      requester: kind,
      device: kind,
      side: { url, protocolVersion: 4, qos: 0, prefix: "p" },
      [`${side}NodeOptions`]: nodeOptions,
    };
    const load = { inFlight, devices: 1, payloadBytes: PAYLOAD_BYTES };
    const times = { warmUpMs: WARM_UP_MS, measureMs: seconds * 1_000 };
    const result = await withPair(pairOptions, (pair) => pair.measure({ ...load, ...times }));
    // The process has ended, and has written it.
    const { path, profile: written } = readProfile(folder, seconds * 1_000);
    const micros = side === "device" ? result.deviceMicros : result.requesterMicros;
    console.log(`${kind} ${side}, ${name}: ${whole(result.perSecond)} requests per second`);
    print("by whose code it is", sharesByArea(written).slice(0, SHOWN_AREAS), micros);
    print("by function", sharesByFunction(written).slice(0, SHOWN_FUNCTIONS), micros);
    console.log(`\nopen in the developer tools of a browser: ${path}`);
  });
};

try {
  await profile(readArguments(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n${USAGE}`);
  process.exitCode = 2;
}
