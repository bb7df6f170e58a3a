// @ts-check
// A requester that blocks: it takes its next order once it has measured.
import { cpuMicros, serveCommands } from "./commands.js";
import { connectSync } from "./library-connection.js";
import { runBlockingLoad } from "./load.js";
import { readOptions } from "./options.js";
import { PATH, SUBSYSTEM, requesterTag } from "./payload.js";

const options = readOptions();
const { prefix } = options;
const client = connectSync(options, requesterTag(prefix));

/** @param {import("./payload.js").Asked} asked */
const request = ({ target, body, path = PATH }) =>
  client.request({ targetDeviceTag: target, subsystem: SUBSYSTEM, path, body });

serveCommands({
  load: (load) => runBlockingLoad(request, prefix, load),
  meter: () => ({ cpuMicros: cpuMicros(), served: 0 }),
  close: async () => client.disconnect(),
});
