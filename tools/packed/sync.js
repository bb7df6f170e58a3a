// @ts-check
// A blocking client asks itself through a broker, and the process ends by itself.
// usage: node sync.js <broker URL>...; the brokers run elsewhere, since this thread is blocked.
import assert from "node:assert/strict";
import { argv } from "node:process";
import { NotFoundResponse } from "gf-mqtt-client";
import { SyncMQTTClient, SyncRequestHandlerBase } from "gf-mqtt-client/sync";

const IDENTIFIER = "sync_smoke";
const GAINS = [1, 2.5, -3];

/** The gains, and their sum, which it takes the gains for. */
const serve = new SyncRequestHandlerBase({
  process: (client, topic, request) => {
    const { path } = request.header;
    if (path === "gains") {
      client.respond(topic, request, { body: GAINS });
    } else if (path === "sum") {
      const { body } = client.device(IDENTIFIER, "smoke").get("gains");
      const sum = Array.isArray(body) ? body.reduce((total, gain) => total + gain, 0) : body;
      client.respond(topic, request, { body: sum });
    } else {
      throw new NotFoundResponse(`there is no ${path}`);
    }
  },
});

/** @param {() => unknown} call */
const errorOf = (call) => {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
};

/** @param {string} broker */
const exchange = (broker) => {
  const client = new SyncMQTTClient({ broker, identifier: IDENTIFIER });
  client.addMessageHandler(serve);
  client.connect();
  const self = client.device(IDENTIFIER, "smoke");
  const { header, body } = self.get("gains");
  assert.deepEqual([header.response_code, body], [205, GAINS]);
  assert.equal(self.get("sum").body, 0.5);

  const error = errorOf(() => self.get("losses"));
  assert(error instanceof NotFoundResponse);
  assert.equal(error.detail, "there is no losses");
  assert.match(error.stack ?? "", /sync\.js/);

  const startedAt = performance.now();
  client.sleep(20);
  assert(performance.now() - startedAt >= 19);
  client.disconnect();
  assert.equal(client.state, "closed");
  console.log(`ok: blocking over ${new URL(broker).protocol}`);
};

const brokers = argv.slice(2);
for (const broker of brokers) exchange(broker);

// Connected, but nobody waits for it and it serves nothing: the process ends all the same.
new SyncMQTTClient({ broker: String(brokers[0]) }).connect();
