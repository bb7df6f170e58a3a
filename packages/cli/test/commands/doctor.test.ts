import { createServer } from "node:net";

import { MQTTClient, MessageHandlerBase } from "gf-mqtt-client";
import { startDevBroker } from "gf-mqtt-dev-broker";
import { expect, test } from "vitest";

import { listenLocally } from "../../../client/test/support/local-server.ts";
import { mosquittoPath, startMosquitto } from "../../../client/test/support/mosquitto.ts";
import { startScriptedBroker } from "../../../client/test/transport/scripted-broker.ts";
import { examine } from "../support/doctor.ts";
import { runCli, startCli } from "../support/run-cli.ts";

const IDS = [
  "address.name",
  "address.port",
  "address.protocol",
  "tls.handshake",
  "tls.chain",
  "tls.name",
  "tls.expiry",
  "login.credentials",
  "login.version",
  "login.identifier",
  "limits.packet",
  "limits.receive-maximum",
  "limits.keep-alive",
  "limits.qos",
  "limits.retain",
  "limits.wildcards",
  "limits.shared",
  "limits.session",
  "rights.send-requests",
  "rights.receive-responses",
  "rights.receive-requests",
  "rights.send-responses",
  "round-trip.qos0",
  "round-trip.qos1",
  "round-trip.qos2",
  "round-trip.nagle",
  "features.share",
  "features.retained",
];
const DEVICE_IDS = ["device.presence", "device.subscribed", "device.answers"];

test("all is well with the embedded broker: a complete document, and status 0", async () => {
  await using broker = await startDevBroker();
  const { status, document, findings, of } = await examine("--broker", broker.url);
  expect(status).toBe(0);
  expect(document).toEqual({ broker: broker.url, connected: true, ok: true });
  expect(findings.map(({ id }) => id)).toEqual(IDS);
  for (const finding of findings) {
    expect(Object.keys(finding)).toEqual([
      "id",
      "group",
      "title",
      "status",
      "text",
      "advice",
      "data",
    ]);
  }
  expect(of("round-trip.qos1")).toMatchObject({
    status: "ok",
    data: { medianMs: expect.any(Number) },
  });
});

test("nothing that the doctor sends stays at the broker", async () => {
  await using broker = await startDevBroker();
  await examine("--broker", broker.url, "--identifier", "pump-1");
  const seen: string[] = [];
  await using client = new MQTTClient({ broker: broker.url, subscriptions: ["#", "marker"] });
  client.addMessageHandler(
    new MessageHandlerBase({ process: (_client, topic) => void seen.push(topic) }),
  );
  await client.connect();
  await client.publish("marker", { body: null, timestamp: 1 }, { qos: 1 });
  await expect.poll(() => seen).toContain("marker");
  expect(new Set(seen)).toEqual(new Set(["marker"]));
});

test.skipIf(mosquittoPath === undefined)("all is well with Mosquitto without Nagle", async () => {
  await using broker = await startMosquitto({ tcpNoDelay: true });
  const { status, of } = await examine("--broker", broker.url);
  expect(status).toBe(0);
  expect(of("features.share").status).toBe("ok");
  expect(of("features.retained").status).toBe("ok");
});

test("what is found is printed a line each, below the names of the groups", async () => {
  await using broker = await startDevBroker();
  const { stdout, stderr, status } = await runCli(["doctor", "--broker", broker.url]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toMatch(/^mqtt:\/\/127\.0\.0\.1:\d+\nAddress\n {2}✔ name {15}127\.0\.0\.1 is an/);
  expect(stdout).toMatch(/\nRound trips\n {2}✔ QoS 0 {14}[\d.]+ ms, median of 15\n/);
  expect(stdout).toMatch(/\nAll is well\.\n$/);
});

test("--quiet prints nothing but what is wrong", async () => {
  await using broker = await startDevBroker();
  const well = await runCli(["doctor", "--quiet", "--broker", broker.url]);
  expect(well).toMatchObject({ status: 0, stdout: "" });
  const bad = await runCli(["doctor", "--quiet", "--broker", "127.0.0.1:1"]);
  expect(bad).toMatchObject({
    status: 7,
    stdout:
      "Address\n  ✘ port               nothing listens on port 1\n" +
      "    → start the broker, or check the port and on which addresses it listens\n",
  });
});

test("--verbose prints each packet, and no secret", async () => {
  await using broker = await startDevBroker();
  const args = ["doctor", "--broker", broker.url, "-u", "lab", "--password", "hush"];
  const { stderr, status } = await runCli([...args, "--verbose"]);
  expect(status).toBe(0);
  expect(stderr).toMatch(/^← CONNACK 0\n→ SUBSCRIBE gf_int_v1/);
  expect(stderr).toMatch(/\n→ PUBLISH gf_int_v1\/doctor\/request\/[-\w/]+, QoS 1\n/);
  expect(stderr).not.toContain("hush");
});

test("what the library below would print for DEBUG is no secret either", async () => {
  await using broker = await startDevBroker();
  const args = ["doctor", "--broker", broker.url, "-u", "lab", "--password", "hush"];
  const webSocket = ["doctor", "--broker", `${broker.wsUrl}?token=hush`];
  for (const each of [args, webSocket]) {
    const { stdout, stderr, status } = await runCli(each, { env: { DEBUG: "*" } });
    expect(status).toBe(0);
    expect(stdout + stderr).not.toMatch(/hush|68 75 73 68/);
  }
});

test("with a target there are further checks", async () => {
  await using broker = await startDevBroker();
  const args = ["--broker", broker.url, "--target", "pump-1", "--timeout", "2s"];
  const { findings } = await examine(...args);
  expect(findings.map(({ id }) => id)).toEqual([...IDS, ...DEVICE_IDS]);
});

test("a resource without a target is no command line", async () => {
  const { status, stderr } = await runCli(["doctor", "axuv/gains"]);
  expect(status).toBe(2);
  expect(stderr).toContain("name it with --target");
});

test("a broker that falls silent after the login is told, and ends nothing late", async () => {
  await using broker = await startScriptedBroker();
  const { status, document, failures } = await examine(
    ...["--broker", broker.url, "--timeout", "2s", "--target", "pump-1", "axuv/gains"],
  );
  expect(status).toBe(1);
  expect(document).toMatchObject({ connected: true, ok: false });
  expect(failures).toContain("rights.send-requests");
});

test("a port that says nothing is told, and nothing hangs", async () => {
  const server = await listenLocally(createServer());
  const url = `127.0.0.1:${String(server.port)}`;
  const { status, of, failures } = await examine("--broker", url, "--timeout", "1s");
  await server.close();
  expect(status).toBe(7);
  expect(failures).toContain("address.protocol");
  expect(of("address.protocol").text).toBe("the port takes connections and says nothing");
});

test("Ctrl-C ends it with what it has found", async () => {
  const server = await listenLocally(createServer());
  const url = `127.0.0.1:${String(server.port)}`;
  await using doctor = startCli(["doctor", "--broker", url, "--timeout", "1h"]);
  await doctor.printed("answers in");
  const { status, stderr } = await doctor.stop("SIGINT");
  await server.close();
  expect({ status, stderr }).toEqual({ status: 130, stderr: "" });
});
