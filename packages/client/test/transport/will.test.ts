import { describe, expect, test } from "vitest";
import { startDevBroker } from "gf-mqtt-dev-broker";
import { ConnectionFailedError } from "../../src/errors/connection-failed-error.ts";
import { MemoryBroker } from "../../src/testing.ts";
import { mqttTransport } from "../../src/transport/mqtt.ts";
import type { IncomingMessage, Transport, WillMessage } from "../../src/transport/transport.ts";
import { mosquittoPath, startMosquitto } from "../support/mosquitto.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { dialRequest } from "./dialled-link.ts";
import { Arrivals } from "./soon.ts";

const WILL: WillMessage = { topic: "lab/pump", payload: '"gone"', qos: 1, retain: true };
const BOTH_LEVELS = [4, 5] as const;

/** A broker, and a way to it that can be cut. */
interface Place extends AsyncDisposable {
  readonly url: string;
  readonly cuttableUrl: string;
  readonly transport: Transport;
  readonly cut: () => void;
}

const behindProxy = async (broker: AsyncDisposable & { readonly url: string }): Promise<Place> => {
  const proxy = await startTcpProxy({ port: Number(new URL(broker.url).port) });
  return {
    url: broker.url,
    cuttableUrl: proxy.url,
    transport: mqttTransport,
    cut: () => {
      proxy.cut();
    },
    [Symbol.asyncDispose]: async () => {
      await proxy.close();
      await broker[Symbol.asyncDispose]();
    },
  };
};

const inMemory = async (): Promise<Place> => {
  const broker = new MemoryBroker();
  return {
    url: "memory",
    cuttableUrl: "memory",
    transport: broker.connection.transport,
    cut: () => {
      broker.dropConnections();
    },
    [Symbol.asyncDispose]: async () => {
      broker.stop();
    },
  };
};

const PLACES = [
  { name: "memory", start: inMemory, isMissing: false },
  {
    name: "the embedded broker",
    start: async () => behindProxy(await startDevBroker({ wsPort: false })),
    isMissing: false,
  },
  {
    name: "Mosquitto",
    start: async () => behindProxy(await startMosquitto()),
    isMissing: mosquittoPath === undefined,
  },
];

/** What a subscriber gets that comes when it is all over. */
const retainedOn = async (place: Place): Promise<readonly IncomingMessage[]> => {
  const messages = new Arrivals<IncomingMessage>("retained messages");
  const link = await place.transport.dial(
    dialRequest(place.url, {
      onMessage: (message) => {
        messages.add(message);
      },
    }),
  );
  await link.subscribe([
    { filter: "lab/#", qos: 1 },
    { filter: "mark", qos: 1 },
  ]);
  await link.publish({ topic: "mark", payload: "1", qos: 1, retain: false });
  await messages.until(1, ({ topic }) => topic === "mark");
  await link.close();
  return messages.all.filter(({ topic }) => topic !== "mark");
};

describe.each(PLACES)("a Last Will over $name", ({ start, isMissing }) => {
  const tests = BOTH_LEVELS.map((protocolLevel) => ({ protocolLevel }));

  test.skipIf(isMissing).each(tests)("is published when the link is cut %o", async (request) => {
    await using place = await start();
    const messages = new Arrivals<IncomingMessage>("the will");
    const onMessage = (message: IncomingMessage): void => {
      messages.add(message);
    };
    await place.transport.dial(dialRequest(place.cuttableUrl, { ...request, will: WILL }));
    place.cut();
    const watcher = await place.transport.dial(dialRequest(place.url, { onMessage }));
    await watcher.subscribe([{ filter: "lab/+", qos: 1 }]);
    const [got] = await messages.until(1);
    expect(got).toMatchObject({ topic: "lab/pump", qos: 1 });
    expect(new TextDecoder().decode(got?.payload)).toBe('"gone"');
    await watcher.close();
  });

  test.skipIf(isMissing).each(tests)("is dropped when the link is closed %o", async (request) => {
    await using place = await start();
    const link = await place.transport.dial(dialRequest(place.url, { ...request, will: WILL }));
    await link.close();
    expect(await retainedOn(place)).toEqual([]);
  });
});

test("a memory broker that is stopped publishes no Last Will", async () => {
  const broker = new MemoryBroker();
  const { transport } = broker.connection;
  await transport.dial(dialRequest("memory", { will: WILL }));
  broker.stop();
  broker.start();
  const place = { url: "memory", cuttableUrl: "memory", transport, cut: () => undefined };
  expect(await retainedOn({ ...place, [Symbol.asyncDispose]: async () => undefined })).toEqual([]);
});

test.skipIf(mosquittoPath === undefined)(
  "a broker that retains nothing refuses a Last Will that is to be retained",
  async () => {
    await using broker = await startMosquitto({ config: "retain_available false" });
    const dialled = mqttTransport.dial(dialRequest(broker.url, { will: WILL }));
    const error = await Promise.resolve(dialled).catch((fault: unknown) => fault);
    expect(error).toBeInstanceOf(ConnectionFailedError);
    expect(error).toMatchObject({ reasonCode: 0x9a });
  },
);
