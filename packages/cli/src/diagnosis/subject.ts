import { MQTTClient, TopicManager } from "gf-mqtt-client";
import type { MQTTClientOptions, QoS, TlsOptions } from "gf-mqtt-client";

/** The device, and the resource of it, that does not answer. */
export interface Target {
  readonly identifier: string;
  readonly subsystem?: string;
  readonly path?: string;
}

/** How a port is spoken to. */
export interface Speech {
  readonly isSecure: boolean;
  readonly isWebSocket: boolean;
}

/** What is diagnosed. */
export interface Subject extends Speech {
  /** The broker's URL, without credentials and query. */
  readonly broker: string;
  /** The same with its query, as it is dialled. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Of the URL, with its query; "/" where there is none. */
  readonly path: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly tls: TlsOptions;
  readonly level: 4 | 5 | "auto";
  readonly namespace: string;
  /** The client id to connect with; undefined: any. */
  readonly identifier: string | undefined;
  readonly timeoutMs: number;
  /** With which the device is asked. */
  readonly qos: QoS;
  readonly target: Target | undefined;
  /** Told of each packet, in one line; undefined: nobody is. */
  readonly trace: ((line: string) => void) | undefined;
}

/** What a diagnosis is about beside the broker. */
export interface SubjectDetails {
  readonly target?: Target | undefined;
  readonly trace?: (line: string) => void;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  "mqtt:": 1883,
  "mqtts:": 8883,
  "ws:": 80,
  "wss:": 443,
};

const levelOf = (version: MQTTClientOptions["protocolVersion"]): Subject["level"] => {
  if (version === undefined || version === "auto") return "auto";
  return version === "5" ? 5 : 4;
};

interface Secrets {
  readonly query: string;
  readonly username?: string;
  readonly password?: string;
}

/** What a URL may hold that the client does not show: credentials, and a query with a token. */
const secretsIn = (broker: string): Secrets => {
  if (!broker.includes("://") || !URL.canParse(broker)) return { query: "" };
  const { username, password, search: query } = new URL(broker);
  return {
    query,
    ...(username !== "" && { username: decodeURIComponent(username) }),
    ...(password !== "" && { password: decodeURIComponent(password) }),
  };
};

/**
 * What is to be diagnosed, as a client with these options would dial it.
 *
 * @throws {OptionError} an option has a value that it cannot have.
 */
export const readSubject = (
  options: MQTTClientOptions & { readonly broker: string },
  { target, trace }: SubjectDetails = {},
): Subject => {
  // Nothing is dialled; it has the rules for what a broker may be written as.
  const { broker, timeoutMs } = new MQTTClient(options);
  const { protocol, hostname, port, pathname } = new URL(broker);
  const secrets = secretsIn(options.broker);
  const { query } = secrets;
  const { tls = {}, protocolVersion, namespace, identifier, qosDefault = 1 } = options;
  const { username = secrets.username, password = secrets.password } = options;
  return {
    broker,
    url: `${broker}${query}`,
    host: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: port === "" ? (DEFAULT_PORTS[protocol] ?? 0) : Number(port),
    path: `${pathname === "" ? "/" : pathname}${query}`,
    isSecure: protocol === "mqtts:" || protocol === "wss:",
    isWebSocket: protocol === "ws:" || protocol === "wss:",
    username,
    password: typeof password === "string" ? password : undefined,
    tls,
    level: levelOf(protocolVersion),
    namespace: new TopicManager(namespace).namespace,
    identifier,
    timeoutMs,
    qos: qosDefault,
    target,
    trace,
  };
};

const SCHEMES = ["mqtt", "mqtts", "ws", "wss"] as const;

/** The scheme of a URL for who speaks like this. */
export const schemeOf = ({ isSecure, isWebSocket }: Speech): string =>
  SCHEMES[(isWebSocket ? 2 : 0) + (isSecure ? 1 : 0)] ?? "mqtt";
