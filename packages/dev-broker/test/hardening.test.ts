import { PassThrough } from "node:stream";
import { Aedes } from "aedes";
import type { Client } from "aedes";
import { expect, onTestFinished, test, vi } from "vitest";
import { hardenClient } from "../src/hardening.ts";
import { PATIENCE } from "./support/client.ts";

const fault = new Error("a gap that nobody knows of yet");

function fail(): never {
  throw fault;
}

/** A client on a stream that leads nowhere, and what the broker hears of its faults. */
async function looseClient(): Promise<{ client: Client; onFault: ReturnType<typeof vi.fn> }> {
  const broker = await Aedes.createBroker();
  onTestFinished(() => new Promise<void>((resolve) => broker.close(resolve)));
  const onFault = vi.fn();
  broker.on("connectionError", onFault);
  return { client: broker.handle(new PassThrough()), onFault };
}

test("a parser that throws ends its client", async () => {
  const { client, onFault } = await looseClient();
  const parser: unknown = Reflect.get(client, "_parser");
  if (typeof parser !== "object" || parser === null) throw new Error("the library has changed");
  Reflect.set(parser, "parse", fail);
  hardenClient(client);
  client.conn.write("anything");
  await vi.waitUntil(() => client.closed, PATIENCE);
  expect(onFault.mock.calls).toEqual([[client, fault]]);
});

test("a handler of early packets that throws ends its client", async () => {
  const { client, onFault } = await looseClient();
  client.on("connected", fail);
  hardenClient(client);
  client.emit("connected");
  expect(client.closed).toBe(true);
  expect(onFault.mock.calls).toEqual([[client, fault]]);
});

test("a thrown value that is no error becomes one", async () => {
  const { client, onFault } = await looseClient();
  client.on("connected", () => {
    // oxlint-disable-next-line typescript/only-throw-error -- libraries do
    throw "text";
  });
  hardenClient(client);
  client.emit("connected");
  expect(onFault.mock.calls).toEqual([[client, new Error("text")]]);
});
