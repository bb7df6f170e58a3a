import { LONGEST_TIMER_MS } from "../../runtime/platform.ts";
import { OptionError } from "../../errors/input-errors.ts";
import { NOT_SHOWN, refuseUnknownOptions } from "../../options/checks.ts";
import { kindText } from "../../errors/value-text.ts";

/** Settings of {@link MQTTBrokerConfig}, each of them optional. */
export interface MQTTBrokerConfigFields {
  /** Default: `MQTT_BROKER_HOSTNAME` of the environment, else `localhost`. */
  readonly hostname?: string | undefined;
  /** 1 to 65535. Default: `MQTT_BROKER_PORT` of the environment, else 1883. */
  readonly port?: number | undefined;
  /** Longest wait for the connection, in ms; default 5000. */
  readonly timeoutMs?: number | undefined;
  /** Default: `MQTT_BROKER_USERNAME` of the environment, else none. */
  readonly username?: string | undefined;
  /** Default: `MQTT_BROKER_PASSWORD` of the environment, else none. */
  readonly password?: string | undefined;
}

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_HOSTNAME = "localhost";
const FIELD_NAMES: ReadonlySet<string> = new Set<keyof MQTTBrokerConfigFields>([
  "hostname",
  "port",
  "timeoutMs",
  "username",
  "password",
]);
const DEFAULT_PORT = 1883;
const DEFAULT_TIMEOUT_MS = 5_000;
const MAX_PORT = 65_535;

/** The environment of the process, where there is one: browsers have none. */
const processEnvironment = (): Environment => {
  const scope: { readonly process?: { readonly env?: Environment } } = globalThis;
  return scope.process?.env ?? {};
};

/** A variable of the environment; one that is set to nothing counts as not set. */
const variable = (environment: Environment, name: string): string | undefined => {
  try {
    const value: unknown = environment[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  } catch {
    // Deno throws where the program has no permission to read it.
    return undefined;
  }
};

const checkHostname = (option: string, value: unknown): string => {
  if (typeof value === "string" && /^\S+$/.test(value)) return value;
  throw new OptionError(option, value, "a host name");
};

interface WholeRange {
  readonly max: number;
  /** As it reads before "from 1 to". */
  readonly what: string;
}

const checkWhole = (option: string, value: unknown, { max, what }: WholeRange): number => {
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= max) {
    return value;
  }
  throw new OptionError(option, value, `${what} from 1 to ${max}`);
};

/** What was given may be a secret even where it is no text: the error does not show it. */
const textOf = (option: string, given: unknown): string | undefined => {
  if (given === undefined || typeof given === "string") return given;
  throw new OptionError(option, NOT_SHOWN, `a string, got ${kindText(given)}`);
};

const PORTS: WholeRange = { max: MAX_PORT, what: "a whole number" };
const TIMEOUTS: WholeRange = { max: LONGEST_TIMER_MS, what: "a whole number of ms" };

const portOf = (given: unknown, environment: Environment): number => {
  if (given !== undefined) return checkWhole("port", given, PORTS);
  const digits = variable(environment, "MQTT_BROKER_PORT");
  if (digits === undefined) return DEFAULT_PORT;
  return checkWhole("MQTT_BROKER_PORT", /^\d+$/.test(digits) ? Number(digits) : digits, PORTS);
};

const hostnameOf = (given: unknown, environment: Environment): string => {
  if (given !== undefined) return checkHostname("hostname", given);
  const name = variable(environment, "MQTT_BROKER_HOSTNAME");
  return name === undefined ? DEFAULT_HOSTNAME : checkHostname("MQTT_BROKER_HOSTNAME", name);
};

/**
 * Where a broker is and how to log in there. A setting that is not given comes from the
 * environment, else from the defaults. Cannot be changed afterwards; its password can be read, and
 * is neither printed nor turned into JSON.
 *
 * @example
 * ```ts
 * const broker = new MQTTBrokerConfig({ hostname: "broker.example.com", username: "lab" });
 * const client = new MQTTClient({ broker });
 * ```
 */
export class MQTTBrokerConfig {
  readonly hostname: string;
  readonly port: number;
  /** Longest wait for the connection, in ms. */
  readonly timeoutMs: number;
  readonly username: string | undefined;
  readonly #password: string | undefined;

  /**
   * @param environment - where to look for what is not given; default: that of the process.
   * @throws {OptionError} a setting does not exist, or has a value that it cannot have, in the environment too.
   */
  constructor(
    fields: MQTTBrokerConfigFields = {},
    environment: Environment = processEnvironment(),
  ) {
    refuseUnknownOptions(fields, FIELD_NAMES, "MQTTBrokerConfig");
    this.hostname = hostnameOf(fields.hostname, environment);
    this.port = portOf(fields.port, environment);
    const { timeoutMs = DEFAULT_TIMEOUT_MS } = fields;
    this.timeoutMs = checkWhole("timeoutMs", timeoutMs, TIMEOUTS);
    this.username =
      textOf("username", fields.username) ?? variable(environment, "MQTT_BROKER_USERNAME");
    this.#password =
      textOf("password", fields.password) ?? variable(environment, "MQTT_BROKER_PASSWORD");
    Object.freeze(this);
  }

  /**
   * @example
   * const hasPassword = broker.password !== undefined;
   */
  get password(): string | undefined {
    return this.#password;
  }
}
