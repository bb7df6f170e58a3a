import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startDevBroker } from "gf-mqtt-dev-broker";
import type { DevBrokerWithWebSocket } from "gf-mqtt-dev-broker";
import type { Browser } from "playwright-core";
import { MQTTClient } from "../../src/index.ts";
import { States } from "../contract/states.ts";
import { freePort } from "../support/free-port.ts";
import { chromiumPath, launchChromium } from "./chromium.ts";
import { DEVICE, startDevice } from "./device.ts";
import type { Device } from "./device.ts";
import { SYNC_SCRIPT, serveSite } from "./site.ts";
import type { Site } from "./site.ts";
import { Tab } from "./tab.ts";
import type { Outcome, PageClientOptions, PageRequest } from "./page/page.ts";
import type * as syncPage from "./page/sync-page.ts";

/** Not this machine, by its name, and without TLS: a page from here has no secure context. */
const INSECURE_HOST = "page.test";
const BROWSER_LIMIT_MS = 60_000;
/** For `expect.poll`, whose default of a second is too short on a loaded machine. */
const PATIENCE = { timeout: 10_000 };
const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** What Chromium itself says on the console when nobody listens at the other end. */
const NOBODY_LISTENS = /^WebSocket connection to 'ws:\S+' failed: .*ERR_CONNECTION_REFUSED/;

const where =
  chromiumPath === undefined
    ? "Chromium (skipped: neither chromium nor google-chrome is on the PATH)"
    : "Chromium";

describe.skipIf(chromiumPath === undefined)(`in ${where}, under a strict policy,`, () => {
  let browser: Browser;
  let site: Site;
  let broker: DevBrokerWithWebSocket;
  let device: Device;
  let tab: Tab;

  beforeAll(async () => {
    site = await serveSite();
    browser = await launchChromium(INSECURE_HOST);
  }, BROWSER_LIMIT_MS);

  afterAll(async () => {
    await browser?.close();
    await site?.close();
  }, BROWSER_LIMIT_MS);

  beforeEach(async () => {
    broker = await startDevBroker();
    device = await startDevice(broker.url);
    tab = await Tab.open(browser);
    await tab.page.goto(`http://127.0.0.1:${site.port}/`);
  });

  afterEach(async () => {
    try {
      await tab.close();
    } finally {
      await device.client.disconnect();
      await broker.close();
    }
  });

  test("typed arrays cross in CBOR", async () => {
    const came = await tab.page.evaluate((url) => gfMqttPage.echoInCbor(url), broker.wsUrl);
    expect(came).toBe("[object Float32Array] 1.5,-2");
  });

  const tryConnect = (options: PageClientOptions): Promise<Outcome> =>
    tab.page.evaluate((given) => gfMqttPage.connect(given), options);

  const connect = async (options: Partial<PageClientOptions> = {}): Promise<void> => {
    expect((await tryConnect({ broker: broker.wsUrl, ...options })).failure).toBeUndefined();
  };

  const gains: PageRequest = { targetDeviceTag: DEVICE, subsystem: "axuv", path: "gains" };

  const tryRequest = (options: Partial<PageRequest> = {}): Promise<Outcome> =>
    tab.page.evaluate((given) => gfMqttPage.request(given), { ...gains, ...options });

  /** The response to a request that has one. */
  const request = async (options: Partial<PageRequest> = {}): Promise<unknown> => {
    const { value, failure } = await tryRequest(options);
    expect(failure).toBeUndefined();
    return value;
  };

  /** Checks that all the page has complained of is that nobody listened. */
  const expectNobodyListened = (): void => {
    for (const complaint of tab.takeComplaints()) expect(complaint).toMatch(NOBODY_LISTENS);
  };

  test.each(["5", "3.1.1"] as const)("a client gets a value over MQTT %s", async (version) => {
    await connect({ protocolVersion: version });
    const response = await request();
    expect(response).toMatchObject({ header: { response_code: 205 }, body: [1, 2.5, 3] });
  });

  test("a client puts a value", async () => {
    await connect();
    const response = await request({ method: "PUT", body: [4, null, "°C"] });
    expect(response).toMatchObject({ header: { response_code: 204 }, body: null });
    expect(device.requests).toMatchObject([
      { header: { method: "PUT", path: "gains" }, body: [4, null, "°C"] },
    ]);
  });

  test("an error code is the typed error, with all its fields", async () => {
    await connect({ identifier: "dashboard" });
    const { failure } = await tryRequest({ path: "offsets" });
    expect(failure?.name).toBe("NotFoundResponse");
    expect(failure?.classes).toEqual(["GfMqttError", "NotFoundResponse", "ResponseException"]);
    expect(failure?.message).toContain(`404 NOT_FOUND from ${DEVICE} for GET offsets`);
    expect(failure?.fields).toMatchObject({
      responseCode: 404,
      path: "offsets",
      detail: "there is no offsets",
      source: "dashboard",
      target: DEVICE,
      method: "GET",
      requestId: device.requests[0]?.header.request_id,
      response: { header: { response_code: 404 }, body: "there is no offsets" },
    });
  });

  test("a request that is not answered ends with GatewayTimeoutResponse", async () => {
    await connect();
    const { failure } = await tryRequest({ path: "silence", timeoutMs: 200 });
    expect(failure?.classes).toContain("GatewayTimeoutResponse");
    expect(failure?.message).toContain("no response within 200 ms");
    expect(failure?.fields).toMatchObject({ responseCode: 504, path: "silence" });
  });

  test.each([0, 1, 2] as const)("a large body in any script comes back, QoS %i", async (qos) => {
    await connect();
    const body = ["µ→語😀".repeat(30_000), { "ключ \u2028": true }];
    expect(await request({ path: "echo", method: "POST", body, qos })).toMatchObject({ body });
  });

  test("each of many requests at once gets its own answer", async () => {
    await connect();
    const bodies = Array.from({ length: 100 }, (_, index) => index);
    const requests = bodies.map((body) => ({ ...gains, path: "echo", body }));
    const outcome = await tab.page.evaluate((given) => gfMqttPage.requestAll(given), requests);
    expect(outcome).toEqual({ value: bodies });
  });

  test("a client is a device, too", async () => {
    await connect({ identifier: "dashboard" });
    await tab.page.evaluate(() => gfMqttPage.serve());
    await using requester = new MQTTClient({ broker: broker.url });
    await requester.connect();
    const { header, body } = await requester.device("dashboard", "view").put("zoom", 2);
    expect(body).toEqual({ method: "PUT", path: "zoom", body: 2 });
    expect(header.source).toBe("dashboard");
  });

  test("a client outlives a restart of the broker", async () => {
    await connect();
    await request();
    const deviceStates = new States(device.client);
    const { port, wsPort } = broker;
    await broker.close();
    await tab.page.evaluate(() => gfMqttPage.reached("reconnecting"));
    broker = await startDevBroker({ port, wsPort });
    await deviceStates.reached("online");
    expect(await request()).toMatchObject({ body: [1, 2.5, 3] });
    expectNobodyListened();
  });

  test("a client disconnects, and takes no more calls", async () => {
    await connect();
    expect(broker.clientCount).toBe(2);
    expect(await tab.page.evaluate(() => gfMqttPage.disconnect())).toBe("closed");
    await expect.poll(() => broker.clientCount, PATIENCE).toBe(1);
    const { failure } = await tryRequest();
    expect(failure?.classes).toContain("ClientClosedError");
  });

  test("a page that is closed takes its connection with it", async () => {
    await connect();
    await tab.page.close();
    await expect.poll(() => broker.clientCount, PATIENCE).toBe(1);
  });

  test.each([
    ["127.0.0.1", "mqtt://127.0.0.1:1883"],
    ["mqtt://127.0.0.1:1884", "mqtt://127.0.0.1:1884"],
    ["mqtts://127.0.0.1", "mqtts://127.0.0.1:8883"],
  ])("connecting to %s fails, since a page has WebSockets only", async (given, dialled) => {
    const { failure } = await tryConnect({ broker: given });
    expect(failure?.classes).toContain("ConnectionFailedError");
    expect(failure?.fields).toMatchObject({ broker: dialled, responseCode: 504 });
    expect(failure?.message).toContain(`cannot connect to ${dialled}: `);
    expect(failure?.message).toMatch(/over WebSocket only; .*ws:.*wss:/);
  });

  test("connecting where nobody listens fails, and says where", async () => {
    const url = `ws://127.0.0.1:${await freePort()}`;
    const { failure } = await tryConnect({ broker: url });
    expect(failure?.classes).toContain("ConnectionFailedError");
    expect(failure?.message).toContain(`cannot connect to ${url}: `);
    expectNobodyListened();
  });

  test("a page from an insecure origin, without crypto.randomUUID, makes request ids", async () => {
    await tab.page.goto(`http://${INSECURE_HOST}:${site.port}/`);
    const offered = await tab.page.evaluate("[isSecureContext, typeof crypto.randomUUID]");
    expect(offered).toEqual([false, "undefined"]);
    await connect();
    await request();
    expect(device.requests[0]?.header.request_id).toMatch(UUID_V4);
  });

  test("a blocking client can be imported, and says when it is made why it does not work", async () => {
    // As a text: Vitest would make something of its own of the import.
    const script = `import("${SYNC_SCRIPT}").then(({ refusal }) => refusal())`;
    const refusal: ReturnType<typeof syncPage.refusal> = await tab.page.evaluate(script);
    const reason = "a page in a browser must not block; use MQTTClient there";
    expect(refusal).toEqual({
      name: "RuntimeNotSupportedError",
      code: "RUNTIME_NOT_SUPPORTED",
      feature: "SyncMQTTClient",
      reason,
      message: `SyncMQTTClient does not work here: ${reason}`,
    });
  });

  test("a breach of the policy would be noticed", async () => {
    await tab.page.evaluate("fetch('/').catch(() => undefined)");
    expect(tab.takeComplaints()).toContainEqual(expect.stringContaining("Security Policy"));
  });
});
