import type { MQTTClientOptions } from "../client/options/client-options.ts";
import { OPTION_NAMES } from "../client/options/client-options.ts";
import type { ClientSettings } from "../client/options/settings.ts";
import { readSettings } from "../client/options/settings.ts";
import { OptionError } from "../errors/input-errors.ts";
import { orDefault, refuseUnknownOptions } from "../options/checks.ts";
import type { CrossingCredentials } from "./messages.ts";

/** Options that are functions, or made of them, and that only the thread of the work could call. */
const NOT_CROSSING = ["transport", "clock", "createId", "random"] as const;

/** Options of {@link SyncMQTTClient}: those of `MQTTClient`, but for functions that would have to run in its worker. */
export interface SyncMQTTClientOptions extends Omit<
  MQTTClientOptions,
  "password" | (typeof NOT_CROSSING)[number]
> {
  /**
   * A function is asked at every dial, on the caller's thread; it must not be asynchronous.
   * @default none
   */
  readonly password?: string | (() => string) | undefined;
  /**
   * How long a call looks for its result before it parks, in ms, up to 10. Results that come within
   * that time come some hundredths of a millisecond sooner, and keep a core busy until then: with none to spare
   * for that, they come later. After a longer wait, the next call parks at once.
   * @default 0
   */
  readonly spinMs?: number | undefined;
}

const SYNC_OPTION_NAMES: ReadonlySet<string> = new Set(
  [...OPTION_NAMES, "spinMs"].filter((name) => !NOT_CROSSING.some((other) => other === name)),
);

const MOST_SPIN_MS = 10;

const readSpin = (spinMs: unknown): number => {
  if (typeof spinMs === "number" && spinMs >= 0 && spinMs <= MOST_SPIN_MS) return spinMs;
  throw new OptionError("spinMs", spinMs, `a number of ms from 0 to ${String(MOST_SPIN_MS)}`);
};

/** The options of a blocking client, once checked. */
export interface SyncSettings {
  readonly settings: ClientSettings;
  readonly spinMs: number;
  /** What the worker begins with: every option that is no function. */
  readonly crossing: MQTTClientOptions;
}

/** What of the options crosses: values, the identifiers made here, and no credentials. */
const crossingOptions = (
  options: MQTTClientOptions,
  settings: ClientSettings,
): MQTTClientOptions => {
  const { identifier, mailbox, url: broker, timeoutMs, tls } = settings;
  const {
    logger: _logger,
    username: _username,
    password: _password,
    port: _port,
    ensureUniqueIdentifier: _ensure,
    ...values
  } = options;
  // A copy throughout: a worker may be started much later.
  return structuredClone({
    ...values,
    broker,
    identifier,
    mailbox,
    timeoutMs,
    ...(tls && { tls }),
  });
};

/**
 * Checks the options of a blocking client.
 *
 * @throws {OptionError} an option is unknown, has a value that it cannot have, or cannot cross to the worker.
 */
export const readSyncSettings = (given: SyncMQTTClientOptions): SyncSettings => {
  for (const option of NOT_CROSSING) {
    if (typeof given === "object" && given !== null && option in given) {
      const expected =
        "none: the worker of a SyncMQTTClient could not call it; MQTTClient takes it";
      throw new OptionError(option, "(given)", expected);
    }
  }
  refuseUnknownOptions(given, SYNC_OPTION_NAMES, "SyncMQTTClient");
  const { spinMs, ...options } = given;
  const settings = readSettings(options);
  const crossing = crossingOptions(options, settings);
  return { settings, spinMs: readSpin(orDefault(spinMs, 0)), crossing };
};

/** Credentials as they go to the worker: a function stays here, to be asked. */
export const crossingCredentials = ({
  username,
  password,
}: ClientSettings["credentials"]): CrossingCredentials =>
  typeof password === "function"
    ? { username, password: undefined, isAsked: true }
    : { username, password, isAsked: false };
