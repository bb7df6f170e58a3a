// @ts-check
// What somebody would write by hand on MQTT.js: a fixed mailbox, JSON, no checks, no deadlines.
import { randomUUID } from "node:crypto";
import { connectBare } from "./bare-connection.js";
import { cpuMicros, serveCommands } from "./commands.js";
import { runLoad } from "./load.js";
import { readOptions } from "./options.js";
import { NAMESPACE, SUBSYSTEM, requestOf, requesterTag } from "./payload.js";

const options = readOptions();
const { qos, prefix, waveform } = options;
const client = await connectBare(options);
const source = requesterTag(prefix);
const mailbox = randomUUID();
/** @type {Map<string, (response: unknown) => void>} */
const waiting = new Map();

client.on("message", (_topic, bytes) => {
  // Those are no JSON, and come one after another.
  const response = waveform === undefined ? JSON.parse(bytes.toString()) : bytes;
  const requestId = response.header?.request_id ?? [...waiting.keys()][0];
  const resolve = waiting.get(requestId);
  waiting.delete(requestId);
  resolve?.(response);
});
await client.subscribeAsync(`${NAMESPACE}/+/response/+/${mailbox}`, { qos });

/** @type {import("./load.js").SendRequest} */
const request = (asked) =>
  new Promise((resolve) => {
    const payload = requestOf(source, asked);
    waiting.set(payload.header.request_id, resolve);
    const topic = `${NAMESPACE}/${SUBSYSTEM}/request/${asked.target}/${mailbox}`;
    client.publish(topic, JSON.stringify(payload), { qos });
  });

serveCommands({
  load: (load) => runLoad(request, prefix, load),
  meter: () => ({ cpuMicros: cpuMicros(), served: 0 }),
  close: () => client.endAsync(true),
});
