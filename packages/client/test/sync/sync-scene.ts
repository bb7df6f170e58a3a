import { SyncMQTTClient } from "../../src/sync.ts";
import type { SyncMQTTClientOptions } from "../../src/sync.ts";
import { apart, startEchoDeviceApart } from "../contract/brokers/apart.ts";
import type {
  BrokerOptions,
  CuttableBroker,
  LinkProxy,
  Peer,
  RawMessage,
} from "../contract/brokers/broker-kind.ts";
import { embeddedKind } from "../contract/brokers/embedded-kind.ts";

/** Longer than any call takes that is meant to succeed, on a loaded machine too. */
const CALL_TIMEOUT_MS = 10_000;
/** Lost links come back without much ado. */
const RECONNECT = { minDelayMs: 1, maxDelayMs: 20 } as const;

const brokers = embeddedKind("5", apart);

/** Options of a client in a scene, which knows where the broker is. */
export type SceneClientOptions = Partial<SyncMQTTClientOptions>;

/** A broker in another thread and blocking clients of it in this one; all of it is gone with the scene. */
export class SyncScene implements AsyncDisposable {
  readonly broker: CuttableBroker;
  readonly #ends: (() => void | Promise<void>)[];
  #names = 0;

  static async start(options?: BrokerOptions): Promise<SyncScene> {
    return new SyncScene(await brokers.start(options));
  }

  private constructor(broker: Awaited<ReturnType<typeof brokers.start>>) {
    this.broker = { dropConnections: () => undefined, ...broker };
    this.#ends = [() => broker.end()];
  }

  #name(role: string): string {
    this.#names += 1;
    return `${role}-${String(this.#names)}`;
  }

  /** A client that is not connected. */
  newClient(options: SceneClientOptions = {}): SyncMQTTClient {
    const { broker, protocolVersion } = this.broker.route;
    const client = new SyncMQTTClient({
      identifier: this.#name("client"),
      timeoutMs: CALL_TIMEOUT_MS,
      reconnect: RECONNECT,
      // Much of what is tried here would be printed.
      logLevel: "silent",
      protocolVersion,
      broker,
      ...options,
    });
    this.#ends.push(() => {
      client.disconnect();
    });
    return client;
  }

  /** One that is. */
  client(options?: SceneClientOptions): SyncMQTTClient {
    const client = this.newClient(options);
    client.connect();
    return client;
  }

  /** Something in front of the broker that breaks links. */
  async proxy(): Promise<LinkProxy> {
    const proxy = await brokers.startProxy(Number(new URL(this.broker.route.broker).port));
    this.#ends.push(() => proxy.close());
    return proxy;
  }

  /** A bare MQTT client in another thread. */
  async peer(): Promise<Peer> {
    const peer = await this.broker.peer();
    this.#ends.push(() => peer.close());
    return peer;
  }

  /** A device in another thread, which answers every request with its body; gives its identifier. */
  async echoDevice(): Promise<string> {
    const identifier = this.#name("device");
    const device = await startEchoDeviceApart(this.broker.route.broker, identifier);
    this.#ends.push(() => device.close());
    return identifier;
  }

  /** @throws {AggregateError} something did not end well; everything has been tried nevertheless. */
  async [Symbol.asyncDispose](): Promise<void> {
    const faults: unknown[] = [];
    for (const end of this.#ends.toReversed()) {
      try {
        await end();
      } catch (error) {
        faults.push(error);
      }
    }
    if (faults.length > 0) throw new AggregateError(faults, "the scene left something behind");
  }
}

/** A request to a client as a peer sends it; its id is its path. */
export const requestTo = (
  { identifier }: Pick<SyncMQTTClient, "identifier">,
  path: string,
  body: unknown = null,
): RawMessage => {
  const header = { method: "GET", path, request_id: path };
  return {
    topic: `gf_int_v1/axuv/request/${identifier}/peer`,
    payload: JSON.stringify({ header, body, timestamp: 0 }),
  };
};

/** A plain request to a device. */
export const gains = (targetDeviceTag: string) =>
  ({ targetDeviceTag, subsystem: "axuv", path: "gains" }) as const;
