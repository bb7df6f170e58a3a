// @ts-check
// A device that uses the library: it echoes what it is sent.
import { createInstrument } from "gf-mqtt-cli";
import { RequestHandlerBase, ResourceRouter } from "gf-mqtt-client";
import { cpuMicros, heapBytes, serveCommands } from "./commands.js";
import { connectLibrary } from "./library-connection.js";
import { readOptions } from "./options.js";
import { PATH, SUBSYSTEM, deviceTag } from "./payload.js";
import { waveformOf } from "./waveform.js";

/** One route answers, among so many. @param {NonNullable<import("./options.js").SideOptions["router"]>} asked */
const routerOf = ({ kind, resources }) => {
  if (kind === "instrument") return createInstrument();
  const router = new ResourceRouter({ subsystem: SUBSYSTEM });
  for (let index = 1; index < resources; index += 1) {
    router.get(kind === "literal" ? `resource${index}` : `resource${index}/:id`, () => null);
  }
  return router.get(kind === "literal" ? PATH : ":name", ({ body }) => body);
};

const options = readOptions();
const client = await connectLibrary(options, deviceTag(options.prefix, 0));
const { router: asked, waveform: kind } = options;
const waveform = kind && waveformOf(kind);
client.addMessageHandler(
  asked === undefined
    ? new RequestHandlerBase({
        process: (_client, topic, request) =>
          client.respond(topic, request, { body: waveform ?? request.body }),
        propagate: false,
      })
    : routerOf(asked),
);

serveCommands({
  meter: () => ({ cpuMicros: cpuMicros(), served: client.statistics.requestsReceived }),
  heap: heapBytes,
  close: () => client.disconnect(),
});
