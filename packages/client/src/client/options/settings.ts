import type { BackoffBounds } from "../../connection/backoff.ts";
import type { ReconnectLimit } from "../../connection/state.ts";
import type { ResponseRoutingMode } from "../../exchange/response-routing.ts";
import { OptionError, RuntimeNotSupportedError } from "../../errors/input-errors.ts";
import { runtimeFault } from "../../runtime/compatibility.ts";
import {
  orDefault,
  refuseUnknownOptions,
  DURATION_MS,
  booleanValue,
  functionValue,
  wholeNumber,
} from "../../options/checks.ts";
import { isJsonObject } from "../../json/object.ts";
import { JSON_FORMAT_ID, isContentFormat } from "../../protocol/content-format.ts";
import type { ContentFormat } from "../../protocol/content-format.ts";
import { assertTopicFilter } from "../../protocol/topic-filter.ts";
import { assertSegment } from "../../protocol/topic-name.ts";
import { TopicManager } from "../../protocol/topic.ts";
import { DEFAULT_NESTING_DEPTH } from "../../json/decode.ts";
import type { Clock, CreateId } from "../../runtime/platform.ts";
import { systemClock, randomId } from "../../runtime/platform.ts";
import type { LogMethod, Logger } from "../../runtime/logger.ts";
import { guardLogger, isLogger } from "../../runtime/logger.ts";
import type { LogLevel } from "../../runtime/printing-logger.ts";
import { LOG_LEVELS, createPrintingLogger } from "../../runtime/printing-logger.ts";
import { SharedSignals } from "../../runtime/shared-signals.ts";
import type { ProtocolLevel, QoS, Subscription, Transport } from "../../transport/transport.ts";
import type { WholeRange } from "../../options/checks.ts";
import { readRetry } from "../retry.ts";
import type { RetryPlan } from "../retry.ts";
import { readRepeats } from "./repeats-options.ts";
import type { RepeatsLimits } from "./repeats-options.ts";
import type { MQTTClientOptions } from "./client-options.ts";
import { OPTION_NAMES } from "./client-options.ts";
import { EVERYBODY } from "./group-options.ts";
import type { BrokerOptions } from "./broker-options.ts";
import { readBrokerOptions, withBrokerConfig } from "./broker-options.ts";
import { qosValue } from "./call-options.ts";

/** The options once checked, with every default in place. */
export interface ClientSettings extends BrokerOptions {
  readonly identifier: string;
  readonly timeoutMs: number;
  readonly subscriptions: readonly Subscription[];
  readonly qosDefault: QoS;
  readonly topics: TopicManager;
  readonly protocolLevel: ProtocolLevel | "auto";
  readonly responseRouting: ResponseRoutingMode;
  readonly mailbox: string;
  readonly presence: boolean;
  readonly reconnect: BackoffBounds & ReconnectLimit;
  readonly keepAliveMs: number;
  readonly maxConcurrentRequests: number;
  readonly maxQueuedRequests: number;
  readonly maxQueuedBytes: number;
  readonly maxPayloadBytes: number;
  readonly maxNestingDepth: number;
  /** Beside JSON. */
  readonly contentFormats: readonly ContentFormat[];
  /** What requests ask for; undefined: JSON, as by default. */
  readonly accept: readonly number[] | undefined;
  readonly groups: readonly string[];
  readonly repeats: RepeatsLimits;
  readonly retry: RetryPlan;
  readonly logger: Logger | undefined;
  /** The quietest entries that anybody sees. */
  readonly logLevel: LogLevel;
  /** Takes an entry for each request and response; undefined where nobody wants to see one. */
  readonly debug: LogMethod | undefined;
  /** Undefined: MQTT.js. */
  readonly transport: Transport | undefined;
  readonly clock: Clock;
  readonly signals: SharedSignals;
  readonly createId: CreateId;
  readonly random: () => number;
}

/** Beyond that, writing what arrived as JSON again could exhaust the stack. */
const DEEPEST_NESTING = 2_000;
const LONGEST_KEEP_ALIVE_MS = 65_535_000;

const readIdentifier = (options: MQTTClientOptions, createId: CreateId): string => {
  const { identifier } = options;
  const isUnique = booleanValue(
    "ensureUniqueIdentifier",
    orDefault(options.ensureUniqueIdentifier, false),
  );
  if (identifier === undefined) return `mqtt_client-${createId()}`;
  assertSegment(identifier, "identifier");
  return isUnique ? `${identifier}-${createId()}` : identifier;
};

const readReconnect = (reconnect: MQTTClientOptions["reconnect"]): ClientSettings["reconnect"] => {
  if (reconnect === false) return { minDelayMs: 0, maxDelayMs: 0, maxAttempts: 0 };
  const given = orDefault(reconnect, {});
  refuseUnknownOptions(given, new Set(["minDelayMs", "maxDelayMs", "maxAttempts"]), "reconnect");
  const delay = { ...DURATION_MS, min: 0 };
  const minDelayMs = wholeNumber("reconnect.minDelayMs", orDefault(given.minDelayMs, 250), delay);
  return {
    minDelayMs,
    maxDelayMs: wholeNumber(
      "reconnect.maxDelayMs",
      orDefault(given.maxDelayMs, Math.max(30_000, minDelayMs)),
      { ...delay, min: minDelayMs },
    ),
    maxAttempts: wholeNumber("reconnect.maxAttempts", orDefault(given.maxAttempts, Infinity), {
      min: 0,
      max: Infinity,
    }),
  };
};

const PROTOCOL_LEVELS: ReadonlyMap<unknown, ProtocolLevel | "auto"> = new Map<
  unknown,
  ProtocolLevel | "auto"
>([
  ["auto", "auto"],
  ["5", 5],
  [5, 5],
  ["3.1.1", 4],
  [4, 4],
]);

const readProtocolLevel = (version: unknown): ProtocolLevel | "auto" => {
  const level = PROTOCOL_LEVELS.get(version);
  if (level !== undefined) return level;
  throw new OptionError("protocolVersion", version, '"auto", "5" or "3.1.1"');
};

const readResponseRouting = (mode: unknown): ResponseRoutingMode => {
  if (mode === "auto" || mode === "mailbox" || mode === "per-request") return mode;
  throw new OptionError("responseRouting", mode, '"auto", "mailbox" or "per-request"');
};

const readMailbox = (mailbox: unknown, identifier: string, createId: CreateId): string => {
  if (mailbox === undefined) return createId();
  if (mailbox === "identifier") return identifier;
  assertSegment(mailbox, "mailbox");
  return mailbox;
};

const readSubscriptions = (filters: unknown, qos: QoS): readonly Subscription[] => {
  if (!Array.isArray(filters)) {
    throw new OptionError("subscriptions", filters, "a list of topic filters");
  }
  return [...new Set<unknown>(filters)].map((filter) => {
    assertTopicFilter(filter);
    return { filter, qos };
  });
};

/** The groups that a client is in; those with presence are in the one of all. */
const readGroups = (
  groups: unknown,
  { identifier, presence }: Pick<ClientSettings, "identifier" | "presence">,
): readonly string[] => {
  if (!Array.isArray(groups)) throw new OptionError("groups", groups, "a list of names");
  const given: readonly unknown[] = groups;
  return [...new Set(presence ? [...given, EVERYBODY] : given)].map((group) => {
    assertSegment(group, "groups");
    if (group !== identifier) return group;
    throw new OptionError("groups", groups, "other names than the identifier");
  });
};

const readContentFormats = (
  formats: unknown,
): Pick<ClientSettings, "contentFormats" | "accept"> => {
  if (!Array.isArray(formats) || !formats.every(isContentFormat)) {
    const expected = 'a list of formats, as cbor of "gf-mqtt-client/cbor"';
    throw new OptionError("contentFormats", formats, expected);
  }
  const contentFormats = [...formats];
  if (contentFormats.length === 0) return { contentFormats, accept: undefined };
  return { contentFormats, accept: [...contentFormats.map(({ id }) => id), JSON_FORMAT_ID] };
};

const readLogLevel = (level: unknown): LogLevel => {
  const known = LOG_LEVELS.find((each) => each === level);
  if (known !== undefined) return known;
  throw new OptionError("logLevel", level, '"silent", "error", "warn", "info" or "debug"');
};

const readLogger = (logger: unknown, level: LogLevel): Logger | undefined => {
  if (logger === undefined) {
    return level === "silent" ? undefined : guardLogger(createPrintingLogger(level));
  }
  if (isLogger(logger)) return guardLogger(logger);
  throw new OptionError("logger", logger, "an object with trace, debug, info, warn and error");
};

const readTransport = (transport: unknown): Transport | undefined => {
  if (transport === undefined) return undefined;
  const isTransport =
    typeof transport === "object" &&
    transport !== null &&
    "dial" in transport &&
    typeof transport.dial === "function";
  if (!isTransport) throw new OptionError("transport", transport, "an object with a dial method");
  // `dial` was checked above; its parameters are the transport's own matter.
  return transport as Transport;
};

const readClock = (clock: Clock): Clock => {
  const methods = ["epochMs", "monotonicMs", "startTimer"];
  const isClock =
    isJsonObject(clock) && methods.every((method) => typeof clock[method] === "function");
  if (isClock) return clock;
  throw new OptionError("clock", clock, "an object with epochMs, monotonicMs and startTimer");
};

type Bounds = Pick<
  ClientSettings,
  | "timeoutMs"
  | "keepAliveMs"
  | "maxConcurrentRequests"
  | "maxQueuedRequests"
  | "maxQueuedBytes"
  | "maxPayloadBytes"
  | "maxNestingDepth"
>;

const BOUNDS: Readonly<Record<keyof Bounds, WholeRange & { readonly whenAbsent: number }>> = {
  timeoutMs: { ...DURATION_MS, whenAbsent: 5_000 },
  keepAliveMs: { ...DURATION_MS, max: LONGEST_KEEP_ALIVE_MS, whenAbsent: 60_000 },
  maxConcurrentRequests: { min: 1, max: 1_000_000, whenAbsent: 64 },
  maxQueuedRequests: { min: 0, max: 1_000_000, whenAbsent: 1_000 },
  maxQueuedBytes: { min: 1, max: Infinity, unit: "bytes", whenAbsent: 64 * 1024 * 1024 },
  maxPayloadBytes: { min: 1, max: Infinity, unit: "bytes", whenAbsent: Infinity },
  maxNestingDepth: { min: 1, max: DEEPEST_NESTING, whenAbsent: DEFAULT_NESTING_DEPTH },
};

const readBounds = (options: MQTTClientOptions): Bounds => {
  const read = (option: keyof Bounds): number =>
    wholeNumber(option, orDefault(options[option], BOUNDS[option].whenAbsent), BOUNDS[option]);
  return {
    timeoutMs: read("timeoutMs"),
    keepAliveMs: read("keepAliveMs"),
    maxConcurrentRequests: read("maxConcurrentRequests"),
    maxQueuedRequests: read("maxQueuedRequests"),
    maxQueuedBytes: read("maxQueuedBytes"),
    maxPayloadBytes: read("maxPayloadBytes"),
    maxNestingDepth: read("maxNestingDepth"),
  };
};

/**
 * Checks the options of a client and fills in the defaults.
 *
 * @throws {RuntimeNotSupportedError} this is Node 18 or older.
 * @throws {OptionError} naming the option, its value and what it may be.
 * @throws {TopicError} the identifier, the namespace or a subscription is no valid part of a topic.
 */
export const readSettings = (given: MQTTClientOptions): ClientSettings => {
  const fault = runtimeFault();
  if (fault !== undefined) throw new RuntimeNotSupportedError("gf-mqtt-client", fault);
  refuseUnknownOptions(given, OPTION_NAMES, "MQTTClient");
  const options = withBrokerConfig(given);
  const createId = functionValue("createId", orDefault(options.createId, randomId));
  const qosDefault = qosValue("qosDefault", orDefault(options.qosDefault, 0));
  const identifier = readIdentifier(options, createId);
  const presence = booleanValue("presence", orDefault(options.presence, false));
  const printed = readLogLevel(orDefault(options.logLevel, "error"));
  const logger = readLogger(options.logger, printed);
  const logLevel = options.logger === undefined ? printed : "debug";
  return {
    ...readBrokerOptions(options),
    ...readBounds(options),
    identifier,
    subscriptions: readSubscriptions(orDefault(options.subscriptions, []), qosDefault),
    qosDefault,
    topics: new TopicManager(options.namespace),
    protocolLevel: readProtocolLevel(orDefault(options.protocolVersion, "auto")),
    responseRouting: readResponseRouting(orDefault(options.responseRouting, "auto")),
    mailbox: readMailbox(options.mailbox, identifier, createId),
    presence,
    reconnect: readReconnect(options.reconnect),
    groups: readGroups(orDefault(options.groups, []), { identifier, presence }),
    ...readContentFormats(orDefault(options.contentFormats, [])),
    repeats: readRepeats(options.repeats),
    retry: readRetry(options.retry),
    logger,
    logLevel,
    debug: logLevel === "debug" ? logger?.debug : undefined,
    transport: readTransport(options.transport),
    clock: readClock(orDefault(options.clock, systemClock)),
    signals: new SharedSignals(),
    createId,
    random: functionValue("random", orDefault(options.random, Math.random)),
  };
};
