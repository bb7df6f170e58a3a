import type { MessageHandler } from "../client/handler-classes.ts";
import { MQTTClient } from "../client/mqtt-client.ts";
import type { MQTTClientOptions } from "../client/options/client-options.ts";
import { OptionError } from "../errors/input-errors.ts";
import { DURATION_MS, orDefault, refuseUnknownOptions, wholeNumber } from "../options/checks.ts";
import { systemClock } from "../runtime/platform.ts";
import { mqttTransport } from "../transport/mqtt.ts";
import { seededRandom } from "./seeded-random.ts";
import { UnreliableTransport } from "./unreliable-transport.ts";

/** How a simulated device behaves. */
export interface SimulateOptions {
  /**
   * How much later all that it sends arrives, in ms.
   * @default 0
   */
  readonly latencyMs?: number | undefined;
  /**
   * How many of the messages that it sends are lost, from 0 to 1.
   * @default 0
   */
  readonly lose?: number | undefined;
  /**
   * How many of those that arrive do so twice, from 0 to 1.
   * @default 0
   */
  readonly duplicate?: number | undefined;
  /**
   * Which messages meet with that: the same ones for the same seed.
   * @default 1
   */
  readonly seed?: number | undefined;
  /**
   * Further options of its client: `presence`, `groups`.
   * @default none
   */
  readonly client?: Omit<Partial<MQTTClientOptions>, "broker" | "identifier" | "transport">;
}

/** A device in one line; ends with `await using`. */
export interface SimulatedDevice extends AsyncDisposable {
  /** Its client: cut it off with `client.disconnect()`. */
  readonly client: MQTTClient;
  /** How many of its messages were lost so far. */
  readonly lost: number;
  /** How many of its messages arrived twice so far. */
  readonly duplicated: number;
}

const OPTION_NAMES: ReadonlySet<string> = new Set<keyof SimulateOptions>([
  "latencyMs",
  "lose",
  "duplicate",
  "seed",
  "client",
]);

const share = (option: string, value: number): number => {
  if (typeof value === "number" && value >= 0 && value <= 1) return value;
  throw new OptionError(option, value, "a number from 0 to 1");
};

/**
 * Connects a device that is made of handlers alone: a router, or any others.
 *
 * @param connection - `broker.connection` of a `MemoryBroker`, or `{ broker: url }` of any broker.
 * @throws {OptionError} an option is unknown or has a value that it cannot have.
 * @throws {ConnectionFailedError} there is no such broker.
 * @example
 * ```ts
 * await using pump = await simulate({ broker: broker.url }, "pump-1", router, { latencyMs: 20 });
 * ```
 */
export const simulate = async (
  connection: Pick<MQTTClientOptions, "broker" | "transport">,
  identifier: string,
  ...[handlers, options = {}]: [
    handlers: MessageHandler | readonly MessageHandler[],
    options?: SimulateOptions,
  ]
): Promise<SimulatedDevice> => {
  refuseUnknownOptions(options, OPTION_NAMES, "simulate()");
  const { broker, transport = mqttTransport } = connection;
  const unreliable = new UnreliableTransport({
    transport,
    clock: systemClock,
    latencyMs: wholeNumber("latencyMs", orDefault(options.latencyMs, 0), {
      ...DURATION_MS,
      min: 0,
    }),
    lose: share("lose", orDefault(options.lose, 0)),
    duplicate: share("duplicate", orDefault(options.duplicate, 0)),
    random: seededRandom(wholeNumber("seed", orDefault(options.seed, 1), { min: 0, max: 2 ** 32 })),
  });
  const client = new MQTTClient({ ...options.client, broker, identifier, transport: unreliable });
  for (const handler of [handlers].flat()) client.addMessageHandler(handler);
  await client.connect();
  return {
    client,
    get lost() {
      return unreliable.lost;
    },
    get duplicated() {
      return unreliable.duplicated;
    },
    [Symbol.asyncDispose]: () => client.disconnect(),
  };
};
