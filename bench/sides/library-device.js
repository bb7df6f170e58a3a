// @ts-check
// A device that uses the library: it echoes what it is sent.
import { RequestHandlerBase } from "gf-mqtt-client";
import { cpuMicros, heapBytes, serveCommands } from "./commands.js";
import { connectLibrary } from "./library-connection.js";
import { readOptions } from "./options.js";
import { deviceTag } from "./payload.js";

const options = readOptions();
const client = await connectLibrary(options, deviceTag(options.prefix, 0));
client.addMessageHandler(
  new RequestHandlerBase({
    process: (_client, topic, request) => client.respond(topic, request, { body: request.body }),
    propagate: false,
  }),
);

serveCommands({
  meter: () => ({ cpuMicros: cpuMicros(), served: client.statistics.requestsReceived }),
  heap: heapBytes,
  close: () => client.disconnect(),
});
