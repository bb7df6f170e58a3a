// @ts-check
// A device that serves with the blocking client's run(): it echoes what it is sent.
import { setImmediate } from "node:timers/promises";
import { SyncRequestHandlerBase } from "gf-mqtt-client/sync";
import { cpuMicros, serveCommands } from "./commands.js";
import { connectSync } from "./library-connection.js";
import { readOptions } from "./options.js";
import { deviceTag } from "./payload.js";

/** How long it serves before it looks for orders, in ms. */
const SERVE_MS = 100;

const options = readOptions();
const client = connectSync(options, deviceTag(options.prefix, 0));
client.addMessageHandler(
  new SyncRequestHandlerBase({
    process: (_client, topic, request) => client.respond(topic, request, { body: request.body }),
    propagate: false,
  }),
);

serveCommands({
  meter: () => ({ cpuMicros: cpuMicros(), served: client.statistics.requestsReceived }),
  close: async () => client.disconnect(),
});
while (client.state !== "closed") {
  client.run({ timeoutMs: SERVE_MS });
  await setImmediate();
}
