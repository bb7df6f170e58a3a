import { OptionError } from "../protocol/errors.ts";

/** Default ports by scheme: MQTT's registered ones, and those of HTTP for WebSocket. */
const DEFAULT_PORTS: ReadonlyMap<string, number> = new Map([
  ["mqtt:", 1883],
  ["mqtts:", 8883],
  ["ws:", 80],
  ["wss:", 443],
]);

const SCHEMES = "mqtt://, mqtts://, ws:// or wss://";
const EXPECTED = `a host name, an IP address, or a URL with ${SCHEMES}`;

/** Where the broker is, and the credentials that its URL held. */
export interface BrokerAddress {
  /** With scheme, host and port; without credentials. */
  readonly url: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

const hasScheme = (broker: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(broker);
const isBareIPv6 = (broker: string): boolean => /^[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.%]*$/i.test(broker);

/** `WHATWG URL` leaves hosts of schemes that it does not know unchecked, so they are parsed as http ones. */
const parse = (broker: string, shown: string): { scheme: string; url: URL } => {
  const text = hasScheme(broker) ? broker : `mqtt://${isBareIPv6(broker) ? `[${broker}]` : broker}`;
  const scheme = text.slice(0, text.indexOf(":") + 1).toLowerCase();
  if (!DEFAULT_PORTS.has(scheme)) throw new OptionError("broker", shown, EXPECTED);
  try {
    return { scheme, url: new URL(`http${text.slice(scheme.length - 1)}`) };
  } catch {
    throw new OptionError("broker", shown, EXPECTED);
  }
};

const decode = (part: string): string | undefined => {
  if (part === "") return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

const withoutCredentials = (broker: string): string => broker.replace(/\/\/[^/@]*@/, "//***@");

/**
 * Reads the `broker` and `port` options.
 *
 * @throws {OptionError} it is no host or URL, or two ports that differ are given.
 */
export const readBroker = (broker: unknown, port: number | undefined): BrokerAddress => {
  if (typeof broker !== "string" || broker.trim() !== broker || broker === "") {
    throw new OptionError("broker", broker, EXPECTED);
  }
  const { scheme, url } = parse(broker, withoutCredentials(broker));
  // URL drops ":80" of an http URL: whether a port was written is read from the text.
  const written = /:(\d+)(?=$|[/?#])/.exec(broker.replace(/^[a-z0-9+.-]+:\/\/([^/@]*@)?/i, ""));
  const isHostOnly = written === null || isBareIPv6(broker);
  const writtenPort = isHostOnly ? undefined : Number(written[1]);
  if (writtenPort !== undefined && port !== undefined && writtenPort !== port) {
    throw new OptionError("port", port, `the port in the broker's URL, ${String(writtenPort)}`);
  }
  const path = scheme.startsWith("ws") ? `${url.pathname}${url.search}` : "";
  const usedPort = writtenPort ?? port ?? DEFAULT_PORTS.get(scheme);
  return {
    url: `${scheme}//${url.hostname}:${String(usedPort)}${path}`,
    username: decode(url.username),
    password: decode(url.password),
  };
};
