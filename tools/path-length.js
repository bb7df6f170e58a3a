// @ts-check
// Tells through how many files of the library a QoS 0 request to a known device goes out, and its response
// comes in. It ends with 1 where they are more than the limits below, or others than CONTRIBUTING.md draws.
// usage: npm run build && node tools/path-length.js [--write]; --write draws them there anew
import { fork } from "node:child_process";
import { once } from "node:events";
import { setImmediate as nextTurn } from "node:timers/promises";
import { MQTTClient } from "gf-mqtt-client";
import { classesOnStack } from "./path-length/call-stack.js";
import { Coverage } from "./path-length/coverage.js";
import { drawWay, isDrawn, writeDrawing } from "./path-length/drawing.js";
import { tapSockets } from "./path-length/socket-taps.js";

/** @typedef {import("./path-length/coverage.js").CalledFunctions} CalledFunctions */

/** The most files out and in, and the most steps from one class to another on the way out. */
const LIMITS = { out: 18, in: 14, steps: 6 };
const WARM_UP_REQUESTS = 20;

const folder = new URL("../packages/client/dist/", import.meta.url).href;

/**
 * Out is what is called from `request()` until the response's bytes arrive, so that nothing that is done after
 * the write is left out; in is the rest, until the promise is settled.
 * @param {string} broker
 */
const measure = async (broker) => {
  const coverage = new Coverage(folder);
  let isMeasured = false;
  /** @type {readonly string[]} */
  let classes = [];
  /** @type {CalledFunctions | undefined} */
  let out;
  tapSockets({
    onWritten: () => {
      if (isMeasured && classes.length === 0) classes = classesOnStack(folder);
    },
    onArrived: () => {
      if (isMeasured) out ??= coverage.take();
    },
  });
  const client = new MQTTClient({ broker });
  await client.connect();
  const request = { targetDeviceTag: "device", subsystem: "axuv", path: "gains" };
  for (let i = 0; i < WARM_UP_REQUESTS; i += 1) await client.request(request);
  // What follows a response in its turn is over.
  await nextTurn();
  coverage.take();
  isMeasured = true;
  await client.request(request);
  const incoming = coverage.take();
  isMeasured = false;
  coverage.stop();
  await client.disconnect();
  if (out === undefined) throw new Error("nothing arrived");
  return { out, in: incoming, classes };
};

/** @param {string} title @param {CalledFunctions} called @param {number} limit */
const print = (title, called, limit) => {
  console.log(`${title}: ${called.size} files, at most ${limit}`);
  const width = Math.max(...[...called.keys()].map((path) => path.length));
  for (const [path, names] of [...called].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    console.log(`  ${path.padEnd(width)}  ${[...new Set(names)].join(", ")}`);
  }
  if (called.size > limit) process.exitCode = 1;
};

const peer = fork(new URL("path-length/peer.js", import.meta.url));
try {
  const [broker] = await once(peer, "message");
  const path = await measure(String(broker));
  print("out", path.out, LIMITS.out);
  print("in", path.in, LIMITS.in);
  const steps = path.classes.length;
  console.log(`${steps} steps between classes, at most ${LIMITS.steps}:`);
  console.log(`  ${[...path.classes, "socket"].join(" → ")}`);
  if (steps > LIMITS.steps) process.exitCode = 1;
  const drawing = drawWay({ ...path, out: path.out.keys(), in: path.in.keys() });
  if (process.argv.includes("--write")) writeDrawing(drawing);
  else if (!isDrawn(drawing)) {
    console.error("CONTRIBUTING.md draws another way; run: node tools/path-length.js --write");
    process.exitCode = 1;
  }
} finally {
  peer.disconnect();
}
