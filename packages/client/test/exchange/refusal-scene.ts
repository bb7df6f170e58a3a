import { startDevBroker } from "gf-mqtt-dev-broker";
import { onTestFinished } from "vitest";
import { MQTTClient } from "../../src/index.ts";
import { Logbook } from "../contract/logbook.ts";
import { States } from "../contract/states.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { RawDevice } from "./raw-device.ts";
import type { AnswersOn } from "./raw-device.ts";

export const MAILBOX = "mailbox-1";
export const MAILBOX_FILTER = `gf_int_v1/+/response/+/${MAILBOX}`;

const REQUESTER = "requester";
const CALL_TIMEOUT_MS = 15_000;

/** What a broker refuses its clients to subscribe to. */
export type Refuses = (filter: string) => boolean;

/** The topics for the responses to single requests. */
export const extraTopics: Refuses = (filter) =>
  filter.includes("/response/") && !filter.includes("+");

/** Where it plays. */
export interface RefusalSceneOptions {
  readonly level: 4 | 5;
  readonly refuses: Refuses;
}

/** A requester whose broker refuses filters, with a link that can be cut. */
export interface RefusalScene {
  readonly client: MQTTClient;
  readonly log: Logbook;
  /** The filters that the client asked for, granted or not, in order. */
  readonly asked: readonly string[];
  /** What the broker refuses from now on. */
  refuses: Refuses;
  /** A device at the same broker, with a link of its own. */
  device(target: string, answersOn: AnswersOn): Promise<RawDevice>;
  /** Cuts the client's link, and waits until it has lost it. */
  cut(): Promise<void>;
  /** The same, and waits until it has another one. */
  reconnect(): Promise<void>;
}

/** Sets the scene, until the test ends; the client is connected. */
export const refusalScene = async ({
  level,
  refuses,
}: RefusalSceneOptions): Promise<RefusalScene> => {
  const asked: string[] = [];
  const broker = await startDevBroker({
    wsPort: false,
    authorizeSubscribe: (clientId, filter) => {
      if (clientId !== REQUESTER) return true;
      asked.push(filter);
      return !scene.refuses(filter);
    },
  });
  onTestFinished(() => broker.close());
  const proxy = await startTcpProxy({ port: broker.port });
  onTestFinished(() => proxy.close());
  const log = new Logbook();
  const client = new MQTTClient({
    broker: proxy.url,
    protocolVersion: level,
    identifier: REQUESTER,
    mailbox: MAILBOX,
    timeoutMs: CALL_TIMEOUT_MS,
    reconnect: { minDelayMs: 1, maxDelayMs: 20 },
    logger: log,
  });
  onTestFinished(() => client.disconnect());
  const states = new States(client);
  const scene: RefusalScene = {
    client,
    log,
    asked,
    refuses,
    device: async (target, answersOn) => {
      const device = await RawDevice.connect({ url: broker.url, level, target, answersOn });
      onTestFinished(() => device.close());
      return device;
    },
    cut: async () => {
      proxy.cut();
      await states.reached("reconnecting");
    },
    reconnect: async () => {
      await scene.cut();
      await states.reached("online");
    },
  };
  await client.connect();
  return scene;
};
