import type { MQTTClientOptions } from "../client/options/client-options.ts";
import { OPTION_NAMES } from "../client/options/client-options.ts";
import type { ClientSettings } from "../client/options/settings.ts";
import { readSettings } from "../client/options/settings.ts";
import { PUBLISH_OPTION_NAMES, qosValue } from "../client/options/call-options.ts";
import type { PublishOptions } from "../client/options/call-options.ts";
import type { Credentials } from "../connection/dial.ts";
import { OptionError } from "../errors/input-errors.ts";
import { refuseAsync } from "../handlers/message-handler.ts";
import {
  DURATION_MS,
  booleanValue,
  orDefault,
  refuseUnknownOptions,
  wholeNumber,
} from "../options/checks.ts";
import { assertTopicName } from "../protocol/topic-name.ts";
import type { ContentFormat } from "../protocol/content-format.ts";
import { TopicManager } from "../protocol/topic.ts";
import { systemClock, randomId } from "../runtime/platform.ts";
import type { Logger } from "../runtime/logger.ts";
import { SharedSignals } from "../runtime/shared-signals.ts";

/** Credentials as they cross; `isAsked`: the password is a function, to be asked on the caller's thread. */
export interface CrossingCredentials {
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly isAsked: boolean;
}

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

/** Settings that are functions or have methods: each thread has its own. */
type OwnSettings =
  | "clock"
  | "signals"
  | "createId"
  | "random"
  | "contentFormats"
  | "logger"
  | "debug"
  | "topics"
  | "transport"
  | "credentials";

/** The settings of a client as they cross to its worker, which does not check them again. */
export interface CrossingSettings extends Omit<ClientSettings, OwnSettings> {
  readonly namespace: string;
}

const crossingSettings = (settings: ClientSettings): CrossingSettings => {
  const {
    clock: _clock,
    signals: _signals,
    createId: _createId,
    random: _random,
    contentFormats: _contentFormats,
    ...more
  } = settings;
  const { logger: _logger, debug: _debug, ...shown } = more;
  const { transport: _transport, credentials: _credentials, ...values } = shown;
  const { topics, ...rest } = values;
  // A copy throughout: a worker may be started much later.
  return structuredClone({ ...rest, namespace: topics.namespace });
};

/** The settings of a client in its worker. */
export const settingsInWorker = (
  { namespace, ...values }: CrossingSettings,
  logger: Logger | undefined,
  contentFormats: readonly ContentFormat[],
): ClientSettings => ({
  ...values,
  topics: new TopicManager(namespace),
  credentials: { username: undefined, password: undefined },
  logger,
  debug: values.logLevel === "debug" ? logger?.debug : undefined,
  transport: undefined,
  contentFormats,
  clock: systemClock,
  signals: new SharedSignals(),
  createId: randomId,
  random: Math.random,
});

/** The options of a blocking client, once checked. */
export interface SyncSettings {
  readonly settings: ClientSettings;
  readonly spinMs: number;
  readonly crossing: CrossingSettings;
}

/** That of CBOR. */
const CBOR_ID = 60;

/** Whether the settings ask for CBOR: the worker then loads a format of its own, since functions do not cross. */
export const hasCbor = ({ accept }: Pick<ClientSettings, "accept">): boolean =>
  accept?.includes(CBOR_ID) === true;

const assertKnownFormats = (formats: readonly ContentFormat[]): void => {
  if (formats.every(({ id }) => id === CBOR_ID) && formats.length <= 1) return;
  const expected =
    '[cbor] of "gf-mqtt-client/cbor": the worker of a SyncMQTTClient could not call others';
  throw new OptionError("contentFormats", formats, expected);
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
        option === "transport"
          ? "none: a broker in memory cannot be shared with the worker of a SyncMQTTClient; start gf-mqtt-dev-broker in another thread or process, and give its URL as broker"
          : "none: the worker of a SyncMQTTClient could not call it; MQTTClient takes it";
      throw new OptionError(option, "(given)", expected);
    }
  }
  refuseUnknownOptions(given, SYNC_OPTION_NAMES, "SyncMQTTClient");
  const { spinMs, ...options } = given;
  const settings = readSettings(options);
  refuseAsync("password", options.password);
  assertKnownFormats(settings.contentFormats);
  const crossing = crossingSettings(settings);
  return { settings, spinMs: readSpin(orDefault(spinMs, 0)), crossing };
};

/** Credentials as they go to the worker: a function stays here, to be asked. */
export const crossingCredentials = ({ username, password }: Credentials): CrossingCredentials =>
  typeof password === "function"
    ? { username, password: undefined, isAsked: true }
    : { username, password, isAsked: false };

/**
 * The password to dial with, given at once.
 *
 * @throws {OptionError} it is a function that gives something else than a text.
 */
export const askForPassword = ({ password }: Credentials): string => {
  const given: unknown = typeof password === "function" ? password() : password;
  if (typeof given === "string") return given;
  const isPromise = given instanceof Promise;
  // It is refused, whatever it comes to.
  if (isPromise) given.catch(() => undefined);
  const what = isPromise ? "a promise" : typeof given;
  const expected =
    "one that gives a text at once: leave out async, or get the password before and call setCredentials()";
  throw new OptionError("password", `(a function that gave ${what})`, expected);
};

/** How to publish from a blocking client. */
export interface SyncPublishOptions extends PublishOptions {
  /**
   * `false`: return before the message is on its way; what goes wrong is logged, and `disconnect()` drops what
   * the broker has not acknowledged.
   * @default true
   */
  readonly wait?: boolean | undefined;
}

/** How long {@link SyncMQTTClient.run} serves. */
export interface RunOptions {
  /**
   * Ends it, when a handler aborts it; then it returns.
   * @default none
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Longest time in ms.
   * @default without end
   */
  readonly timeoutMs?: number | undefined;
}

/** Every option of the blocking `publish()`. */
const SYNC_PUBLISH_OPTION_NAMES: ReadonlySet<string> = new Set([...PUBLISH_OPTION_NAMES, "wait"]);

/**
 * Checks a publish that nobody waits for: what the worker tells of it comes too late.
 *
 * @throws {OptionError} an option is unknown or has a value that it cannot have.
 * @throws {TopicError} nothing can be published on such a topic.
 */
export const assertUnawaited = (topic: unknown, options: SyncPublishOptions): void => {
  refuseUnknownOptions(options, SYNC_PUBLISH_OPTION_NAMES, "publish()");
  const { qos = 0, retain = false, timeoutMs = DURATION_MS.min } = options;
  assertTopicName(topic);
  qosValue("qos", qos);
  booleanValue("retain", retain);
  wholeNumber("timeoutMs", timeoutMs, DURATION_MS);
};
