import type { Credentials } from "../../connection/dial.ts";
import { MQTTBrokerConfig } from "./broker-config.ts";
import { OptionError } from "../../errors/input-errors.ts";
import {
  NOT_SHOWN,
  refuseUnknownOptions,
  booleanValue,
  wholeNumber,
} from "../../options/checks.ts";
import { kindText } from "../../errors/value-text.ts";
import { hasTcp } from "../../runtime/compatibility.ts";
import type { TlsOptions } from "../../transport/transport.ts";
import type { BrokerAddress } from "./broker-url.ts";
import { readBroker } from "./broker-url.ts";
import type { MQTTClientOptions } from "./client-options.ts";

/** Where the broker is, and how to be let in. */
export interface BrokerOptions {
  /** The broker's URL, without credentials. */
  readonly url: string;
  /** The same without its query, for errors and logs. */
  readonly broker: string;
  readonly credentials: Credentials;
  readonly tls: TlsOptions | undefined;
}

const UNENCRYPTED_PORT = 1883;

/** Checks the credentials given beside or within the broker's URL. */
export const readCredentials = (username: unknown, password: unknown): Credentials => {
  if (username !== undefined && typeof username !== "string") {
    throw new OptionError("username", NOT_SHOWN, `a text, got ${kindText(username)}`);
  }
  if (password === undefined || typeof password === "string") return { username, password };
  if (typeof password !== "function") {
    throw new OptionError("password", NOT_SHOWN, "a text, or a function that gives one");
  }
  // What it gives is checked when it is asked.
  return { username, password: password as () => string | Promise<string> };
};

const TLS_OPTION_NAMES: ReadonlySet<string> = new Set<keyof TlsOptions>([
  "ca",
  "cert",
  "key",
  "rejectUnauthorized",
  "servername",
]);

const PEM = /-----BEGIN [A-Z ]+-----/;
const latin1 = new TextDecoder("latin1");

/** Why a certificate or key is none; undefined where it may be one. DER and PKCS #12 are not taken. */
const pemFault = (value: unknown): string | undefined => {
  const isBytes = value instanceof Uint8Array;
  if (typeof value !== "string" && !isBytes) return `got ${kindText(value)}`;
  const text = isBytes ? latin1.decode(value) : value;
  if (PEM.test(text)) return undefined;
  return !isBytes && !text.includes("\n") && /[\\/.]/.test(text)
    ? "got what looks like the path of a file; give what is in it: readFileSync(path)"
    : "got none: it has no -----BEGIN line";
};

const checkPem = (option: string, value: unknown, expected: string): void => {
  const fault = pemFault(value);
  // Keys and certificates are not shown.
  if (fault !== undefined) throw new OptionError(option, NOT_SHOWN, `${expected}; ${fault}`);
};

const checkAuthorities = (ca: unknown): void => {
  const authorities: readonly unknown[] = Array.isArray(ca) ? ca : [ca];
  if (authorities.length === 0) {
    throw new OptionError("tls.ca", "an empty list", "a certificate; without any, none is trusted");
  }
  for (const authority of authorities) {
    checkPem("tls.ca", authority, "certificates in PEM, as text or bytes, or a list of such");
  }
};

const readTls = (tls: TlsOptions | undefined): TlsOptions | undefined => {
  if (tls === undefined) return undefined;
  refuseUnknownOptions(tls, TLS_OPTION_NAMES, "tls");
  if (!hasTcp()) throw new OptionError("tls", "given", "none: a browser does TLS by itself");
  const { ca, cert, key, rejectUnauthorized, servername } = tls;
  if (ca !== undefined) checkAuthorities(ca);
  if (cert !== undefined) checkPem("tls.cert", cert, "a certificate in PEM, as text or bytes");
  if (key !== undefined) checkPem("tls.key", key, "a private key in PEM, as text or bytes");
  if ((cert === undefined) !== (key === undefined)) {
    const [missing, given] = cert === undefined ? ["tls.cert", "key"] : ["tls.key", "certificate"];
    throw new OptionError(
      missing,
      undefined,
      `what belongs to the ${given}: one is of no use alone`,
    );
  }
  if (rejectUnauthorized !== undefined) booleanValue("tls.rejectUnauthorized", rejectUnauthorized);
  if (servername !== undefined && typeof servername !== "string") {
    throw new OptionError("tls.servername", servername, "a host name");
  }
  return tls;
};

/** Credentials stand in the options or in the URL, not in both. */
const mergeCredentials = (given: Credentials, address: BrokerAddress): Credentials => {
  const isInUrl = address.username !== undefined || address.password !== undefined;
  if (!isInUrl) return given;
  if (given.username !== undefined || given.password !== undefined) {
    throw new OptionError("username", NOT_SHOWN, "none, because the URL holds credentials");
  }
  return { username: address.username, password: address.password };
};

/** A `MQTTBrokerConfig` stands for the options that it holds, where these are not given beside it. */
export const withBrokerConfig = (options: MQTTClientOptions): MQTTClientOptions => {
  const { broker: config } = options;
  if (!(config instanceof MQTTBrokerConfig)) return options;
  const { hostname: broker, timeoutMs, username, password } = config;
  // The config's default port is that of unencrypted connections; with TLS it says nothing.
  const isSecure = options.tls !== undefined || /^(mqtts|wss):/i.test(broker);
  const port = isSecure && config.port === UNENCRYPTED_PORT ? undefined : config.port;
  return {
    ...options,
    broker,
    port: options.port ?? port,
    timeoutMs: options.timeoutMs ?? timeoutMs,
    username: options.username ?? username,
    password: options.password ?? password,
  };
};

/** Reads the options `broker`, `port`, `username`, `password` and `tls`. */
export const readBrokerOptions = (options: MQTTClientOptions): BrokerOptions => {
  const tls = readTls(options.tls);
  const port =
    options.port === undefined
      ? undefined
      : wholeNumber("port", options.port, { min: 1, max: 65_535 });
  const address = readBroker(options.broker, { port, hasTls: tls !== undefined });
  const given = readCredentials(options.username, options.password);
  const { url } = address;
  const [broker = url] = url.split("?");
  return { url, broker, credentials: mergeCredentials(given, address), tls };
};
