import { OptionError } from "../../errors/input-errors.ts";
import { NOT_SHOWN } from "../../options/checks.ts";

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

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is;
/** An address that holds nothing but what every error may show: no credentials, no query, no fragment. */
const SHOWN = /^(?:[a-z][a-z0-9+.-]*:\/\/)?[\w .-]*(?::\d+)?\/?$/i;
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

const refuse = (broker: unknown): OptionError => {
  const isShown = typeof broker !== "string" || SHOWN.test(broker);
  return new OptionError("broker", isShown ? broker : NOT_SHOWN, EXPECTED);
};

const decode = (part: string): string | undefined => {
  if (part === "") return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    throw new OptionError("broker", NOT_SHOWN, EXPECTED);
  }
};

const badPort = (written: string): OptionError =>
  new OptionError("broker", `a URL with port ${written}`, "a port from 1 to 65535");

/** What follows the scheme; read as if it were MQTT's, since of others a default port would be lost. */
const parse = (broker: string, rest: string): URL => {
  try {
    return new URL(`mqtt://${rest}`);
  } catch {
    const port = SHOWN.test(broker) ? /:(\d+)\/?$/.exec(rest)?.[1] : undefined;
    throw port === undefined ? refuse(broker) : badPort(port);
  }
};

/** Of two @, one belongs to the credentials and had to be encoded: which one, nobody can tell for certain. */
const isAmbiguous = (rest: string): boolean =>
  (/^[^/?#]*/.exec(rest)?.[0].split("@").length ?? 0) > 2;

const readScheme = (written: string | undefined, { hasTls }: BrokerHints): string => {
  if (written === undefined) return hasTls ? "mqtts" : "mqtt";
  const scheme = written.toLowerCase();
  if (!DEFAULT_PORTS.has(scheme)) throw refuse(written);
  if (hasTls && (scheme === "mqtt" || scheme === "ws")) {
    throw new OptionError("tls", "given", `a broker with mqtts:// or wss://, not ${scheme}://`);
  }
  return scheme;
};

const readPort = (written: string, given: number | undefined): number | undefined => {
  if (written === "") return given;
  const port = Number(written);
  if (port < 1) throw badPort(written);
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
  const [, writtenScheme, afterScheme = broker] = SCHEME.exec(broker) ?? [];
  if (isAmbiguous(afterScheme)) throw refuse(broker);
  const url = parse(broker, BARE_IPV6.test(broker) ? `[${broker}]` : afterScheme);
  const { hostname, pathname, search, hash } = url;
  // Of a scheme of its own, a URL may hold hosts that no name server knows.
  if (!/^(?:\[[0-9a-f:.]+\]|[^\s%]+)$/i.test(hostname) || hash !== "" || /\s/.test(broker)) {
    throw refuse(broker);
  }
  const scheme = readScheme(writtenScheme, hints);
  const path = `${pathname}${search}`;
  const isWebSocket = scheme.startsWith("ws");
  if (path !== "" && path !== "/" && !isWebSocket) throw refuse(broker);
  const port = readPort(url.port, hints.port) ?? DEFAULT_PORTS.get(scheme);
  return {
    url: `${scheme}://${hostname.toLowerCase()}:${String(port)}${isWebSocket ? path : ""}`,
    username: decode(url.username),
    password: decode(url.password),
  };
};
