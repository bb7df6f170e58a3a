// @ts-check
// A device on MQTT.js alone: it echoes what it is sent, without checks. It can play any number of devices.
import { connectBare } from "./bare-connection.js";
import { cpuMicros, serveCommands } from "./commands.js";
import { GROUP, readOptions } from "./options.js";
import { NAMESPACE, SILENT_PATH, deviceTag, responseTo } from "./payload.js";
import { waveformBytes } from "./waveform.js";

const options = readOptions();
const { qos, prefix, isEveryDevice = false, groupSize = 0 } = options;
const client = await connectBare(options);
const source = deviceTag(prefix, 0);
const groupTags = Array.from({ length: groupSize }, (_, index) => deviceTag(prefix, index));
const waveform = options.waveform && waveformBytes();
let served = 0;

client.on("message", (topic, bytes) => {
  served += 1;
  const request = JSON.parse(bytes.toString());
  if (request.header.path === SILENT_PATH) return;
  if (waveform !== undefined) {
    client.publish(topic.replace("/request/", "/response/"), waveform, { qos });
    return;
  }
  const sources = topic.includes(`/request/${GROUP}/`) ? groupTags : [source];
  for (const from of sources) {
    const response = JSON.stringify(responseTo(from, request));
    client.publish(topic.replace("/request/", "/response/"), response, { qos });
  }
});
const target = isEveryDevice ? "+" : source;
await client.subscribeAsync(`${NAMESPACE}/+/request/${target}/+`, { qos });

serveCommands({
  meter: () => ({ cpuMicros: cpuMicros(), served }),
  close: () => client.endAsync(true),
});
