// @ts-check
// Runs a snippet that blocks its thread, as users run it: a process of its own, the built packages.
// Started by blocking-programs.ts, which reads what the lines that begin with NUL say.
import { Console } from "node:console";
import { argv, stdout } from "node:process";
import { runInThisContext } from "node:vm";
import * as library from "gf-mqtt-client";

/** @import { SyncMQTTClientOptions, RunOptions } from "gf-mqtt-client" */
/** @import { BlockingFixtures } from "./fixtures.ts" */

/**
 * @type {{
 *   readonly script: string;
 *   readonly filename: string;
 *   readonly sampleHost: string;
 *   readonly brokerUrl: string;
 * }}
 */
const { script, filename, sampleHost, brokerUrl } = JSON.parse(argv[2] ?? "");

/** @param {string} text */
const tell = (text) => stdout.write(`\0${text}\n`);

const { hostname, port: portText } = new URL(brokerUrl);
const port = Number(portText);

/**
 * The same options, but with the broker of the test where the document names its sample host.
 *
 * @param {SyncMQTTClientOptions} options
 * @returns {SyncMQTTClientOptions}
 */
const leadToBroker = (options) => {
  const { broker } = options;
  if (broker === sampleHost) return { ...options, broker: hostname, port };
  if (broker instanceof library.MQTTBrokerConfig && broker.hostname === sampleHost) {
    const { timeoutMs, username, password } = broker;
    const fields = { timeoutMs, username, password, hostname, port };
    return { ...options, broker: new library.MQTTBrokerConfig(fields) };
  }
  return options;
};

/** Tells when the program has come to where it only waits or serves. */
class SyncMQTTClient extends library.SyncMQTTClient {
  /** @param {SyncMQTTClientOptions} options */
  constructor(options) {
    super(leadToBroker(options));
  }

  /**
   * @override
   * @param {number} ms
   */
  sleep(ms) {
    tell("stands");
    super.sleep(ms);
  }

  /**
   * @override
   * @param {RunOptions} [options]
   */
  run(options) {
    tell("stands");
    super.run(options);
  }
}

/** @type {library.SyncMQTTClient[]} */
const ofFixtures = [];
/** @type {library.SyncMQTTClient[]} */
const ofSnippet = [];

/** @returns {Promise<{ client: library.SyncMQTTClient }>} */
const connectClient = async () => {
  const client = new SyncMQTTClient({ broker: sampleHost, identifier: "2D_XX_0_9998" });
  ofFixtures.push(client);
  client.connect();
  return { client };
};

/** @type {BlockingFixtures} */
const fixtures = {
  // Started by the other process: here it would not get to answer.
  device: async () => {},
  syncClient: connectClient,
  syncAxuv: async () => {
    const { client } = await connectClient();
    return { client, axuv: client.device("2D_XX_0_9999", "axuv") };
  },
};

const shown = {
  ...library,
  SyncMQTTClient: class extends SyncMQTTClient {
    /** @param {SyncMQTTClientOptions} options */
    constructor(options) {
      super(options);
      ofSnippet.push(this);
    }
  },
};

/** @param {string} name */
const importModule = async (name) =>
  name === "gf-mqtt-client" || name === "gf-mqtt-client/sync" ? shown : await import(name);

/** @param {number} line */
const startSnippet = (line) => tell(`line ${line}`);

await runInThisContext(script, { filename })(
  importModule,
  fixtures,
  startSnippet,
  new Console({ stdout, colorMode: false }),
);
for (const client of ofFixtures) client.disconnect();
const isLeft = ofSnippet.some(({ state }) => state !== "idle" && state !== "closed");
tell("stands");
tell(isLeft ? "ends, connected" : "ends");
