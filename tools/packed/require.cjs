// @ts-check
// The packages are ES modules; CommonJS loads them with `require` all the same.
const assert = require("node:assert/strict");
const { MQTTClient } = require("gf-mqtt-client");
const { startDevBroker } = require("gf-mqtt-dev-broker");

assert.equal(typeof MQTTClient, "function");
assert.equal(typeof require("gf-mqtt-client/testing"), "object");
assert.equal(typeof require("gf-mqtt-client/sync").SyncMQTTClient, "function");
assert.equal(typeof startDevBroker, "function");
console.log("ok: require");
