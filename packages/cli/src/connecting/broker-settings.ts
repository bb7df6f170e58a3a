import { isIPv6 } from "node:net";

import type { Cli } from "../cli.ts";
import type { Context } from "../contexts/context.ts";
import type { ConnectionFlags } from "./connection-options.ts";

/** Where the broker is and how to log in there; the names are those of {@link ConnectionFlags}. */
export type BrokerSettings = Omit<ConnectionFlags, "context" | "verbose"> & {
  readonly broker: string;
  /** A command whose first line of output is the password. */
  readonly passwordCommand?: string;
  /** Where they come from, for messages. */
  readonly origin: string;
};

/** What the environment says, after the names that `MQTTBrokerConfig` reads. */
const ofEnvironment = ({ environment }: Pick<Cli, "environment">): Partial<BrokerSettings> => {
  const {
    MQTT_BROKER_HOSTNAME: hostname,
    MQTT_BROKER_PORT: port,
    MQTT_BROKER_USERNAME: username,
    MQTT_BROKER_PASSWORD: password,
  } = environment;
  const isHost = hostname !== undefined && hostname !== "";
  const host = hostname !== undefined && isIPv6(hostname) ? `[${hostname}]` : hostname;
  const broker = isHost && port ? `${String(host)}:${port}` : hostname;
  return {
    ...(isHost && broker !== undefined && { broker, origin: "MQTT_BROKER_HOSTNAME" }),
    ...(username && { username }),
    ...(password && { password }),
  };
};

/** What is set, without what is undefined. */
const given = <Settings extends object>(settings: Settings): Partial<Settings> =>
  Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== undefined),
  ) as Partial<Settings>;

/** The contexts that there are, see {@link findSettings}. */
export interface ContextsInUse {
  /** The one that `--context` names. */
  readonly named: Context | undefined;
  /** The one of `gf-mqtt context use`. */
  readonly current: Context | undefined;
}

const DEFAULT_BROKER = "localhost";

/**
 * Where to connect: flags, then a context that is named, then the environment, then the context in use. Who names the broker
 * names who logs in there: what ranks below is left alone, so that no password gets to a broker that it is not for.
 */
export const findSettings = (
  flags: ConnectionFlags,
  { named, current }: ContextsInUse,
  cli: Pick<Cli, "environment">,
): BrokerSettings => {
  const { context: _context, verbose: _verbose, ...own } = flags;
  const environment = ofEnvironment(cli);
  if (named !== undefined)
    return { ...named, ...given(own), broker: own.broker ?? named.broker, origin: "--context" };
  if (own.broker !== undefined) {
    const isForAnother = environment.broker !== undefined;
    return {
      ...(isForAnother ? {} : environment),
      ...given(own),
      broker: own.broker,
      origin: "--broker",
    };
  }
  if (environment.broker !== undefined || current === undefined) {
    return { broker: DEFAULT_BROKER, origin: "the default", ...environment, ...given(own) };
  }
  return {
    ...current,
    ...environment,
    ...given(own),
    broker: current.broker,
    origin: "the context in use",
  };
};
