import { afterAll, afterEach, beforeAll, describe } from "vitest";
import { MQTTClient } from "../../src/index.ts";
import type { MQTTClientOptions } from "../../src/index.ts";
import type { Broker, BrokerKind } from "../contract/brokers/broker-kind.ts";
import { embeddedKind } from "../contract/brokers/embedded-kind.ts";
import { mosquittoKind } from "../contract/brokers/mosquitto-kind.ts";
import { RawDevice } from "./raw-device.ts";
import type { AnswersOn } from "./raw-device.ts";
import { tapWire } from "./wire-tap.ts";
import type { WireTap } from "./wire-tap.ts";

/** Longer than any call takes that is meant to succeed, on a loaded machine too. */
const CALL_TIMEOUT_MS = 15_000;

/** A client of the library, with an eye on what it sends. */
export interface Requester {
  readonly client: MQTTClient;
  readonly wire: WireTap;
}

let devices = 0;

/** A broker with requesters and devices, which end with each case. */
export class RoutingStage {
  readonly kind: BrokerKind;
  readonly #ends: (() => PromiseLike<void>)[] = [];
  #broker: Broker | undefined;

  constructor(kind: BrokerKind) {
    this.kind = kind;
  }

  get level(): 4 | 5 {
    return this.kind.protocol === "5" ? 5 : 4;
  }

  /** Before all cases. */
  async begin(): Promise<void> {
    this.#broker = await this.kind.start();
  }

  /** After each case: ends what it began, last things first. */
  async clear(): Promise<void> {
    for (let end = this.#ends.pop(); end !== undefined; end = this.#ends.pop()) await end();
  }

  /** After all cases. */
  async end(): Promise<void> {
    await this.#broker?.end();
  }

  get #url(): string {
    const url = this.#broker?.route.broker;
    if (typeof url !== "string") throw new Error("the stage has not begun");
    return url;
  }

  /** A connected client. */
  async requester(options: Partial<MQTTClientOptions> = {}): Promise<Requester> {
    const { level } = this;
    const wire = await tapWire({ url: this.#url, level });
    this.#ends.push(() => wire[Symbol.asyncDispose]());
    const client = new MQTTClient({
      broker: wire.url,
      protocolVersion: level,
      timeoutMs: CALL_TIMEOUT_MS,
      ...options,
    });
    this.#ends.push(() => client.disconnect());
    await client.connect();
    return { client, wire };
  }

  /** A connected device, by default with a name of its own. */
  async device(answersOn: AnswersOn, target?: string): Promise<RawDevice> {
    devices += 1;
    const name = target ?? `device-${devices}`;
    const device = await RawDevice.connect({
      url: this.#url,
      level: this.level,
      target: name,
      answersOn,
    });
    this.#ends.push(() => device.close());
    return device;
  }
}

/** Every real broker that the library's tests know. */
export const REAL_BROKERS: readonly BrokerKind[] = [
  embeddedKind("3.1.1"),
  embeddedKind("5"),
  mosquittoKind("3.1.1"),
  mosquittoKind("5"),
];

/** Plays the cases with each of the brokers. */
export const overBrokers = (
  kinds: readonly BrokerKind[],
  cases: (stage: RoutingStage) => void,
): void => {
  for (const kind of kinds) {
    const stage = new RoutingStage(kind);
    const { name, protocol, unavailable } = kind;
    const why = unavailable === undefined ? "" : ` (skipped: ${unavailable})`;
    describe.skipIf(unavailable !== undefined)(`${name}, MQTT ${protocol}${why}`, () => {
      beforeAll(() => stage.begin());
      afterEach(() => stage.clear());
      afterAll(() => stage.end());
      cases(stage);
    });
  }
};
