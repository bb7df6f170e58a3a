import { OptionError } from "../../errors/input-errors.ts";

/** Default ports by scheme: MQTT's registered ones, and those of HTTP for WebSocket. */
const DEFAULT_PORTS: ReadonlyMap<string, number> = new Map([
  ["mqtt", 1883],
  ["mqtts", 8883],
  ["ws", 80],
  ["wss", 443],
]);

const EXPECTED =
  "a host name, an IP address, or a URL with mqtt://, mqtts://, ws:// or wss://, " +
  "percent-encoded where its credentials hold one of / ? # @ :";

const NOT_SHOWN = "(not shown)";

/** Scheme, then everything up to the path (RFC 3986 §3.2), then path and query. */
const URL_PARTS = /^(?:([a-z][a-z0-9+.-]*):\/\/)?([^/?#]*)([^#]*)$/i;
/** Credentials, host (an IPv6 address in brackets), port. */
const AUTHORITY = /^(?:([^@]*)@)?(\[[0-9a-f:.]+\]|[^@:[\]\s]+)(?::(\d{1,5}))?$/i;
const BARE_IPV6 = /^[0-9a-f.]*:[0-9a-f:.]*:[0-9a-f:.]*$/i;

/** What is known beside the broker's name. */
export interface BrokerHints {
  readonly port: number | undefined;
  /** Whether TLS options were given. */
  readonly hasTls: boolean;
}

/** Where the broker is, and the credentials that its URL held. */
export interface BrokerAddress {
  /** With scheme, host and port; without credentials. */
  readonly url: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** What follows an @ or stands before it may be a password: such a URL is refused without showing it. */
const refuse = (broker: unknown): OptionError => {
  const isSecret = typeof broker === "string" && broker.includes("@");
  return new OptionError("broker", isSecret ? NOT_SHOWN : broker, EXPECTED);
};

const decode = (part: string | undefined): string | undefined => {
  if (part === undefined || part === "") return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    throw new OptionError("broker", NOT_SHOWN, EXPECTED);
  }
};

const readScheme = (written: string | undefined, { hasTls }: BrokerHints): string => {
  if (written === undefined) return hasTls ? "mqtts" : "mqtt";
  const scheme = written.toLowerCase();
  if (!DEFAULT_PORTS.has(scheme)) throw refuse(written);
  if (hasTls && (scheme === "mqtt" || scheme === "ws")) {
    throw new OptionError("tls", "given", `a broker with mqtts:// or wss://, not ${scheme}://`);
  }
  return scheme;
};

const readPort = (written: string | undefined, given: number | undefined): number | undefined => {
  if (written === undefined) return given;
  const port = Number(written);
  if (port < 1 || port > 65_535) {
    throw new OptionError("broker", `a URL with port ${written}`, "a port from 1 to 65535");
  }
  if (given !== undefined && given !== port) {
    throw new OptionError("port", given, `the port in the broker's URL, ${written}`);
  }
  return port;
};

/**
 * Reads the `broker` and `port` options.
 *
 * @throws {OptionError} it is no host or URL, two ports that differ are given, or TLS options for a
 * scheme without TLS.
 */
export const readBroker = (broker: unknown, hints: BrokerHints): BrokerAddress => {
  if (typeof broker !== "string") throw refuse(broker);
  const text = BARE_IPV6.test(broker) ? `[${broker}]` : broker;
  const [, writtenScheme, writtenAuthority = "", path = ""] = URL_PARTS.exec(text) ?? [];
  const [, userInfo, host, writtenPort] = AUTHORITY.exec(writtenAuthority) ?? [];
  if (host === undefined) throw refuse(broker);
  const scheme = readScheme(writtenScheme, hints);
  if (path !== "" && path !== "/" && !scheme.startsWith("ws")) throw refuse(broker);
  const port = readPort(writtenPort, hints.port) ?? DEFAULT_PORTS.get(scheme);
  const colon = userInfo?.indexOf(":") ?? -1;
  return {
    url: `${scheme}://${host.toLowerCase()}:${String(port)}${scheme.startsWith("ws") ? path : ""}`,
    username: decode(colon === -1 ? userInfo : userInfo?.slice(0, colon)),
    password: decode(colon === -1 ? undefined : userInfo?.slice(colon + 1)),
  };
};
