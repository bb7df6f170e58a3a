import { readFile, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt from "mqtt";
import type { IClientOptions, MqttClient } from "mqtt";
import { describe, expect, onTestFinished, test } from "vitest";
import { MosquittoStartError } from "./mosquitto-process.ts";
import { mosquittoPath, startMosquitto } from "./mosquitto.ts";

async function dial(url: string, options: IClientOptions = {}): Promise<MqttClient> {
  const client = await mqtt.connectAsync(url, {
    protocolVersion: 5,
    reconnectPeriod: 0,
    ...options,
  });
  onTestFinished(() => client.endAsync(true));
  return client.on("error", () => {});
}

async function configFiles(): Promise<string[]> {
  const folders = (await readdir(tmpdir())).filter((name) => name.startsWith("mosquitto-"));
  const files = folders.map((folder) => join(tmpdir(), folder, "mosquitto.conf"));
  // Other tests remove theirs at any time.
  return Promise.all(files.map((file) => readFile(file, "utf8").catch(() => "")));
}

describe.skipIf(mosquittoPath === undefined)("Mosquitto (needs the program installed)", () => {
  test("takes clients over TCP, and over WebSocket if asked to", async () => {
    await using broker = await startMosquitto({ websockets: true });
    expect(broker.url).toBe(`mqtt://127.0.0.1:${broker.port}`);
    expect(broker.wsUrl).toBe(`ws://127.0.0.1:${broker.wsPort}`);
    const overTcp = await dial(broker.url);
    const overWebSocket = await dial(broker.wsUrl ?? "");
    expect([overTcp.connected, overWebSocket.connected]).toEqual([true, true]);
  });

  test("has no WebSocket by default", async () => {
    await using broker = await startMosquitto();
    expect([broker.wsPort, broker.wsUrl]).toEqual([undefined, undefined]);
  });

  test("lets in only who knows the password", async () => {
    const login = { username: "ada", password: "secret" };
    await using broker = await startMosquitto({ authenticate: login });
    expect((await dial(broker.url, login)).connected).toBe(true);
    const wrong = dial(broker.url, { ...login, password: "guess" });
    await expect(wrong).rejects.toMatchObject({ code: 135 });
    await expect(dial(broker.url)).rejects.toMatchObject({ code: 135 });
  });

  test("obeys an access list", async () => {
    await using broker = await startMosquitto({ acl: "topic readwrite open/#" });
    const client = await dial(broker.url);
    await client.publishAsync("open/a", "1", { qos: 1 });
    const refused = client.publishAsync("closed/a", "1", { qos: 1 });
    await expect(refused).rejects.toMatchObject({ code: 135 });
  });

  test("takes further configuration", async () => {
    await using broker = await startMosquitto({ config: "max_keepalive 30" });
    const client = mqtt.connect(broker.url, { protocolVersion: 5, reconnectPeriod: 0 });
    onTestFinished(() => client.endAsync(true));
    const connack = new Promise((resolve) => client.once("connect", resolve));
    expect(await connack).toMatchObject({ properties: { serverKeepAlive: 30 } });
  });

  test("restarts on the same ports, and ends its connections", async () => {
    await using broker = await startMosquitto({ websockets: true });
    const { port, wsPort } = broker;
    const client = await dial(broker.url);
    const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
    await broker.restart();
    await closed;
    expect([broker.port, broker.wsPort]).toEqual([port, wsPort]);
    expect((await dial(broker.url)).connected).toBe(true);
    expect((await dial(broker.wsUrl ?? "")).connected).toBe(true);
  });

  test.each(["stop", "kill"] as const)(
    "%s ends it, may be repeated, and restart revives it",
    async (end) => {
      await using broker = await startMosquitto();
      await broker[end]();
      await expect(dial(broker.url)).rejects.toMatchObject({ code: "ECONNREFUSED" });
      await broker[end]();
      await broker.restart();
      expect((await dial(broker.url)).connected).toBe(true);
    },
  );

  test("that does not start tells why", async () => {
    const started = startMosquitto({ config: "nonsense true" });
    await expect(started).rejects.toBeInstanceOf(MosquittoStartError);
    await expect(started).rejects.toThrow("Unknown configuration variable");
  });

  test("on a given port that is taken does not look for another", async () => {
    await using broker = await startMosquitto();
    const started = startMosquitto({ port: broker.port });
    await expect(started).rejects.toMatchObject({ portTaken: true });
  });

  test("leaves no files behind", async () => {
    const broker = await startMosquitto();
    const own = `listener ${broker.port} 127.0.0.1`;
    const isOwn = (config: string): boolean => config.includes(own);
    expect((await configFiles()).some(isOwn)).toBe(true);
    await broker[Symbol.asyncDispose]();
    expect((await configFiles()).some(isOwn)).toBe(false);
  });
});
