// @ts-check
// A requester that uses the library.
import { cpuMicros, heapBytes, serveCommands } from "./commands.js";
import { connectLibrary } from "./library-connection.js";
import { runBatch, runLoad } from "./load.js";
import { GROUP, readOptions } from "./options.js";
import {
  PATH,
  SILENT_PATH,
  SUBSYSTEM,
  bodyOf,
  deviceTag,
  requestOf,
  requesterTag,
} from "./payload.js";

const options = readOptions();
const { prefix } = options;
const client = await connectLibrary(options, requesterTag(prefix));

/** @type {import("./load.js").SendRequest} */
const request = ({ target, body, path = PATH }) =>
  client.request({ targetDeviceTag: target, subsystem: SUBSYSTEM, path, body });

/** @type {string[]} */
let texts = [];
/** @type {Promise<unknown>[]} */
const held = [];

serveCommands({
  load: (load) => runLoad(request, prefix, load),
  batch: (batch) => runBatch(request, prefix, batch),
  many: async ({ devices, payloadBytes, isGroup }) => {
    const asked = { subsystem: SUBSYSTEM, path: PATH, body: bodyOf(payloadBytes) };
    const targets = Array.from({ length: devices }, (_, index) => deviceTag(prefix, index));
    const began = performance.now();
    const answers = client.requestMany(
      isGroup ? { ...asked, group: GROUP, maxResponses: devices } : { ...asked, targets },
    );
    let answered = 0;
    for await (const { response } of answers) if (response !== undefined) answered += 1;
    if (answered !== devices) throw new Error(`${answered} of ${devices} devices answered`);
    return performance.now() - began;
  },
  hold: ({ count, payloadBytes }) => {
    const asked = { target: deviceTag(prefix, 0), body: bodyOf(payloadBytes), path: SILENT_PATH };
    for (let index = 0; index < count; index += 1) {
      const response = request(asked);
      // The end of the client rejects it.
      response.catch(() => undefined);
      held.push(response);
    }
    return undefined;
  },
  holdTexts: ({ count, payloadBytes }) => {
    const asked = { target: deviceTag(prefix, 0), body: bodyOf(payloadBytes), path: SILENT_PATH };
    texts = Array.from({ length: count }, () => {
      const text = JSON.stringify(requestOf(client.identifier, asked));
      // As sending does: this makes one piece of its parts, which take more room.
      Buffer.byteLength(text);
      return text;
    });
    return undefined;
  },
  dropTexts: () => {
    texts.length = 0;
    return undefined;
  },
  heap: heapBytes,
  meter: () => ({ cpuMicros: cpuMicros(), served: 0 }),
  subscriptions: () => client.statistics.subscriptionsHeld,
  close: () => client.disconnect(),
});
