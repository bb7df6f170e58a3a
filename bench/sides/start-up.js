// @ts-check
// What a program waits for before its first request: it imports one of the clients and connects.
/** @typedef {{ url: string, kind: "async" | "sync" }} StartUpOptions */
/** @typedef {{ importMs: number, connectMs: number }} StartUp */

/** @type {StartUpOptions} */
const { url, kind } = JSON.parse(process.argv[2] ?? "{}");

const beganAt = performance.now();
const Client =
  kind === "sync"
    ? (await import("gf-mqtt-client/sync")).SyncMQTTClient
    : (await import("gf-mqtt-client")).MQTTClient;
const importedAt = performance.now();
const client = new Client({ broker: url });
await client.connect();
const connectedAt = performance.now();
await client.disconnect();

/** @type {StartUp} */
const startUp = { importMs: importedAt - beganAt, connectMs: connectedAt - importedAt };
console.log(JSON.stringify(startUp));
