import { readFile } from "node:fs/promises";

import { MQTTClient, TopicManager } from "gf-mqtt-client";
import type { MQTTClientOptions, QoS, TlsOptions } from "gf-mqtt-client";

import type { Cli } from "../cli.ts";
import { contextNamed, readContexts } from "../contexts/context-store.ts";
import { UsageFailure } from "../failures/cli-failure.ts";
import { findSettings } from "./broker-settings.ts";
import type { BrokerSettings } from "./broker-settings.ts";
import type { ConnectionFlags } from "./connection-options.ts";
import { findPassword } from "./password.ts";

const QOS: Readonly<Record<string, QoS>> = { "0": 0, "1": 1, "2": 2 };

const readPem = async (flag: string, file: string): Promise<string> => {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new UsageFailure(`cannot read the file of ${flag}: ${String(error)}`);
  }
};

const readTls = async (settings: BrokerSettings): Promise<TlsOptions | undefined> => {
  const { ca, cert, key, servername, insecure } = settings;
  if ([ca, cert, key, servername, insecure].every((each) => each === undefined)) return undefined;
  return {
    ...(ca !== undefined && { ca: await readPem("--ca", ca) }),
    ...(cert !== undefined && { cert: await readPem("--cert", cert) }),
    ...(key !== undefined && { key: await readPem("--key", key) }),
    ...(servername !== undefined && { servername }),
    ...(insecure === true && { rejectUnauthorized: false }),
  };
};

/** Where a command connects to, from its flags, the environment and the contexts. */
export interface KnownOptions extends MQTTClientOptions {
  readonly broker: string;
  readonly namespace: string;
}

/** The same as the library's client takes it. Asks for the password, where that is wanted. */
export const clientOptions = async (cli: Cli, flags: ConnectionFlags): Promise<KnownOptions> => {
  const contexts = await readContexts(cli.environment);
  const named = flags.context === undefined ? undefined : contextNamed(contexts, flags.context);
  const { current } = contexts;
  const inUse = current === undefined ? undefined : contextNamed(contexts, current);
  const settings = findSettings(flags, { named, current: inUse }, cli);
  const { broker, username, identifier, namespace, timeout, qos, mqtt } = settings;
  const [tls, password] = await Promise.all([readTls(settings), findPassword(settings, cli)]);
  return {
    broker,
    namespace: namespace ?? new TopicManager().namespace,
    logLevel: flags.verbose === true ? "debug" : "warn",
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls !== undefined && { tls }),
    ...(identifier !== undefined && { identifier }),
    ...(timeout !== undefined && { timeoutMs: timeout }),
    ...(qos !== undefined && { qosDefault: QOS[qos] ?? 0 }),
    ...(mqtt !== undefined && { protocolVersion: mqtt === "5" ? "5" : "3.1.1" }),
  };
};

/** What a client of a command takes beside where to connect. */
export interface ClientWork<Result> {
  /** Options of this command's client. */
  readonly options?: Partial<MQTTClientOptions>;
  /** Before it connects: handlers that must not miss anything. */
  readonly prepare?: (client: MQTTClient) => void | Promise<void>;
  /** What to do with it. */
  readonly use: (client: MQTTClient) => Promise<Result>;
}

/** Connects, works, and leaves the broker in good order whatever happens. */
export const useClient = async <Result>(
  { signal }: Pick<Cli, "signal">,
  known: KnownOptions,
  { options = {}, prepare, use }: ClientWork<Result>,
): Promise<Result> => {
  const client = new MQTTClient({ ...known, ...options });
  try {
    await prepare?.(client);
    await client.connect({ signal });
    return await use(client);
  } finally {
    await client.disconnect();
  }
};

/** The same for who needs to know no option before. */
export const withClient = async <Result>(
  cli: Cli,
  flags: ConnectionFlags,
  work: ClientWork<Result>,
): Promise<Result> => useClient(cli, await clientOptions(cli, flags), work);
