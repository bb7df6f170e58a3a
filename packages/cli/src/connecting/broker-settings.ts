import { isIPv6 } from "node:net";

import type { Cli } from "../cli.ts";
import type { Context } from "../contexts/context.ts";
import type { ConnectionFlags } from "./connection-options.ts";

/** Where the broker is and how to log in there. */
export interface BrokerSettings extends Context, Pick<ConnectionFlags, "password"> {}

/** What the environment says, after the names that `MQTTBrokerConfig` reads. */
const ofEnvironment = ({ environment }: Pick<Cli, "environment">): Partial<BrokerSettings> => {
  const {
    MQTT_BROKER_HOSTNAME: hostname,
    MQTT_BROKER_PORT: port,
    MQTT_BROKER_USERNAME: username,
    MQTT_BROKER_PASSWORD: password,
  } = environment;
  const host = hostname && isIPv6(hostname) ? `[${hostname}]` : hostname;
  return {
    ...(host && { broker: port ? `${host}:${port}` : host }),
    ...(username && { username }),
    ...(password && { password }),
  };
};

/** What is set, without what is undefined. */
const given = <Settings extends object>(settings: Settings): Partial<Settings> =>
  Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== undefined),
  ) as Partial<Settings>;

const withoutLogin = ({
  username: _username,
  passwordFile: _passwordFile,
  passwordCommand: _passwordCommand,
  ...settings
}: Context): Context => settings;

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
  if (named !== undefined) {
    const settings = own.broker === undefined ? named : withoutLogin(named);
    return { ...settings, ...given(own), broker: own.broker ?? named.broker };
  }
  if (own.broker !== undefined) {
    const isForAnother = environment.broker !== undefined;
    return { ...(isForAnother ? {} : environment), ...given(own), broker: own.broker };
  }
  if (environment.broker !== undefined || current === undefined) {
    return { broker: DEFAULT_BROKER, ...environment, ...given(own) };
  }
  return { ...current, ...environment, ...given(own), broker: current.broker };
};
