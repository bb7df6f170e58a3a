import { startDevBroker } from "gf-mqtt-dev-broker";
import { describe, expect, test } from "vitest";
import { MQTTClient } from "../../src/index.ts";
import { ChildProgram } from "../support/child-program.ts";

/*
 * These run the built package, each in a process of its own: `npm run build` first, as `npm test` does.
 */

/** What all programs begin with. */
const preamble = (broker: string): string => `
  import { SyncMessageHandlerBase, SyncMQTTClient, SyncRequestHandlerBase } from "gf-mqtt-client/sync";
  const options = { broker: ${JSON.stringify(broker)}, identifier: "device" };
  const client = new SyncMQTTClient({ ...options, reconnect: { minDelayMs: 1, maxDelayMs: 20 } });
  const gains = { targetDeviceTag: "device", subsystem: "axuv", path: "gains" };
  const echo = new SyncRequestHandlerBase({
    process: (self, topic, request) => self.respond(topic, request, { body: request.body }),
  });
`;

const start = (broker: string, code: string): ChildProgram =>
  new ChildProgram(["--input-type=module", "--eval", `${preamble(broker)}\n${code}`]);

/** What a request to the program's device comes to. */
const ask = async (broker: string, body: unknown): Promise<unknown> => {
  await using client = new MQTTClient({ broker });
  await client.connect();
  return (await client.device("device", "axuv").get("gains", { body })).body;
};

const QUIETLY = { code: 0, errorOutput: "" } as const;

describe("a program ends by itself", () => {
  test.each([
    ["with a client that was never connected", "client.addMessageHandler(echo);"],
    ["with a client that only asks", "client.connect();"],
    [
      "with a client whose connect() ended before it began",
      "try { client.connect({ signal: AbortSignal.abort() }); } catch {}",
    ],
    [
      "with a client whose handlers are for what it sends",
      `client.addMessageHandler(
        new SyncRequestHandlerBase({ direction: "outgoing", process: () => undefined }),
      );
      client.connect();`,
    ],
    [
      "with a client whose handler was removed",
      "client.addMessageHandler(echo); client.connect(); client.removeMessageHandler(echo);",
    ],
    [
      "after disconnect(), with handlers and all",
      `client.addMessageHandler(echo);
      client.connect();
      client.request(gains);
      client.disconnect();`,
    ],
    [
      "after the connection was given up",
      `const other = new SyncMQTTClient({ ...options, broker: "mqtt://127.0.0.1:1", reconnect: false });
      other.addMessageHandler(echo);
      try { other.connect(); } catch {}`,
    ],
  ])("%s", async (_which, code) => {
    await using broker = await startDevBroker();
    await using program = start(broker.url, `${code}\nconsole.log("done");`);
    expect(await program.ended).toEqual({ ...QUIETLY, output: "done\n" });
  });

  test("when a handler takes the last handler away", async () => {
    await using broker = await startDevBroker();
    await using program = start(
      broker.url,
      `const once = new SyncRequestHandlerBase({
        process: (self, topic, request) => {
          self.respond(topic, request, { body: "once" });
          self.removeMessageHandler(once);
        },
      });
      client.addMessageHandler(once);
      client.connect();
      console.log("serves");`,
    );
    await program.printed("serves");
    expect(await ask(broker.url, 1)).toBe("once");
    expect(await program.ended).toMatchObject(QUIETLY);
  });

  test("when the broker goes and reconnecting is given up", async () => {
    const broker = await startDevBroker();
    await using program = start(
      broker.url,
      `const other = new SyncMQTTClient({ ...options, reconnect: false });
      other.addMessageHandler(echo);
      other.connect();
      console.log("serves");`,
    );
    await program.printed("serves");
    await broker.close();
    expect(await program.ended).toMatchObject(QUIETLY);
  });

  test("with its own code when a handler ends it", async () => {
    await using broker = await startDevBroker();
    await using program = start(
      broker.url,
      `client.addMessageHandler(new SyncRequestHandlerBase({ process: () => process.exit(7) }));
      client.connect();
      client.request(gains);`,
    );
    expect(await program.ended).toMatchObject({ code: 7, errorOutput: "" });
  });

  test("when it throws, whatever the client is doing", async () => {
    await using broker = await startDevBroker();
    await using program = start(
      broker.url,
      "client.addMessageHandler(echo); client.connect(); throw new Error('enough');",
    );
    const { code, errorOutput } = await program.ended;
    expect(code).toBe(1);
    expect(errorOutput).toContain("Error: enough");
  });
});

describe("a program goes on", () => {
  test("with a device that serves from the event loop", async () => {
    await using broker = await startDevBroker();
    await using program = start(
      broker.url,
      "client.addMessageHandler(echo); client.connect(); console.log('serves');",
    );
    await program.printed("serves");
    expect(await ask(broker.url, 1)).toBe(1);
    expect(await ask(broker.url, 2)).toBe(2);
    expect(await program.stop()).toMatchObject({ code: null, errorOutput: "" });
  });

  test("with a device whose handler came after connect()", async () => {
    await using broker = await startDevBroker();
    await using program = start(
      broker.url,
      "client.connect(); client.addMessageHandler(echo); console.log('serves');",
    );
    await program.printed("serves");
    expect(await ask(broker.url, 1)).toBe(1);
    await program.stop();
  });

  test("with a device that waits for its broker to come back", async () => {
    const broker = await startDevBroker();
    const { port, url } = broker;
    await using program = start(
      url,
      `client.addMessageHandler(echo);
      client.on("state", (next, previous) => console.log(previous, next));
      client.connect();`,
    );
    await program.printed("connecting online");
    await broker.close();
    await program.printed("online reconnecting");
    await using _again = await startDevBroker({ port });
    await program.printed("reconnecting online");
    expect(await ask(url, 3)).toBe(3);
    await program.stop();
  });
});

describe("a program that waits in run()", () => {
  test("serves, and can be ended from outside", async () => {
    await using broker = await startDevBroker();
    await using program = start(
      broker.url,
      "client.addMessageHandler(echo); client.connect(); console.log('serves'); client.run();",
    );
    await program.printed("serves");
    expect(await ask(broker.url, 1)).toBe(1);
    expect(await program.stop()).toMatchObject({ code: null, errorOutput: "" });
  });
});

describe("a client in a worker thread", () => {
  test("works, and the program ends by itself", async () => {
    await using broker = await startDevBroker();
    const worker = `
      import { SyncMQTTClient, SyncRequestHandlerBase } from "gf-mqtt-client/sync";
      const client = new SyncMQTTClient({ broker: ${JSON.stringify(broker.url)}, identifier: "inner" });
      client.addMessageHandler(new SyncRequestHandlerBase({
        process: (self, topic, request) => self.respond(topic, request, { body: request.body }),
      }));
      client.connect();
      console.log(client.device("inner", "axuv").get("gains", { body: "inside" }).body);
      client.disconnect();
    `;
    await using program = start(
      broker.url,
      `import { Worker } from "node:worker_threads";
      new Worker(${JSON.stringify(worker)}, { eval: true });`,
    );
    expect(await program.ended).toEqual({ ...QUIETLY, output: "inside\n" });
  });

  test("goes with its thread when that is terminated while it waits", async () => {
    await using broker = await startDevBroker();
    const worker = `
      import { SyncMQTTClient } from "gf-mqtt-client/sync";
      import { parentPort } from "node:worker_threads";
      const client = new SyncMQTTClient({ broker: ${JSON.stringify(broker.url)} });
      client.connect();
      parentPort.postMessage("connected");
      client.sleep(60_000);
    `;
    await using program = start(
      broker.url,
      `import { once } from "node:events";
      import { Worker } from "node:worker_threads";
      const worker = new Worker(${JSON.stringify(worker)}, { eval: true });
      await once(worker, "message");
      await worker.terminate();
      console.log("terminated");`,
    );
    expect(await program.ended).toEqual({ ...QUIETLY, output: "terminated\n" });
  });
});
