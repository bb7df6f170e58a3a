import type { ContentFormat } from "../../protocol/content-format.ts";
import type { ResponseRoutingMode } from "../../exchange/response-routing.ts";
import type { RetryOptions } from "../retry.ts";
import type { RepeatsOptions } from "./repeats-options.ts";
import type { MQTTBrokerConfig } from "./broker-config.ts";
import type { Clock, CreateId } from "../../runtime/platform.ts";
import type { Logger } from "../../runtime/logger.ts";
import type { LogLevel } from "../../runtime/printing-logger.ts";
import type { QoS, TlsOptions, Transport } from "../../transport/transport.ts";

/** How a client comes back after it lost its link. The pause before each dial is random, up to a bound that doubles. */
export interface ReconnectOptions {
  /**
   * Upper bound of the first pause, in ms.
   * @default 250
   */
  readonly minDelayMs?: number | undefined;
  /**
   * Upper bound of every pause, in ms.
   * @default 30000
   */
  readonly maxDelayMs?: number | undefined;
  /**
   * Dials in a row that may fail before the client closes.
   * @default Infinity
   */
  readonly maxAttempts?: number | undefined;
}

/** Options of {@link MQTTClient}; only `broker` is required. */
export interface MQTTClientOptions {
  /**
   * Host name or address, or a URL with `mqtt://`, `mqtts://`, `ws://` or `wss://`; browsers need one of
   * the last two. A `MQTTBrokerConfig` fills in port, timeout and credentials too, where none are given.
   */
  readonly broker: string | MQTTBrokerConfig;
  /** @default by scheme: 1883, 8883, 80, 443 */
  readonly port?: number | undefined;
  /**
   * Name of this client: its MQTT client id, its device tag, and the `source` of its messages.
   * @default `mqtt_client-<uuid>`
   */
  readonly identifier?: string | undefined;
  /**
   * Append `-<uuid>` to `identifier`, so that several can run at once.
   * @default false
   */
  readonly ensureUniqueIdentifier?: boolean | undefined;
  /**
   * Default deadline of connect, request, publish and subscribe, in ms.
   * @default 5000
   */
  readonly timeoutMs?: number | undefined;
  /** @default none */
  readonly username?: string | undefined;
  /**
   * A function is asked at every dial, so that tokens can be renewed.
   * @default none
   */
  readonly password?: string | (() => string | Promise<string>) | undefined;
  /**
   * Further topic filters, subscribed at connect.
   * @default []
   */
  readonly subscriptions?: readonly string[] | undefined;
  /**
   * QoS of requests, publishes and subscriptions that name none.
   * @default 0
   */
  readonly qosDefault?: QoS | undefined;
  /**
   * First segment of every topic.
   * @default "gf_int_v1"
   */
  readonly namespace?: string | undefined;
  /**
   * `auto`: MQTT 5 if the broker takes it, else 3.1.1.
   * @default "auto"
   */
  readonly protocolVersion?: "auto" | "5" | "3.1.1" | 4 | 5 | undefined;
  /**
   * TLS settings; a `broker` without a scheme is then dialled with `mqtts://`.
   * @default the runtime's
   */
  readonly tls?: TlsOptions | undefined;
  /**
   * How responses find their way back. `auto`: all over one subscription, the mailbox; devices
   * that cannot answer there are found out and get a subscription per request. `mailbox`: never anything
   * else. `per-request`: a subscription for every request, as the Python library does.
   * @default "auto"
   */
  readonly responseRouting?: ResponseRoutingMode | undefined;
  /**
   * Last segment of the topics on which responses arrive. Fixed where an ACL names it:
   * `"identifier"` stands for the identifier, as in a rule with `%c`.
   * @default a fresh UUID
   */
  readonly mailbox?: string | undefined;
  /**
   * Tell the others that this device is there: a retained status, ONLINE or OFFLINE, which the broker sets to OFFLINE
   * when the link is lost.
   * @default false
   */
  readonly presence?: boolean | undefined;
  /**
   * `false`: a lost link closes the client.
   * @default {}
   */
  readonly reconnect?: ReconnectOptions | false | undefined;
  /**
   * Longest silence before the link is probed, in ms, rounded up to seconds (MQTT 5 §3.1.2.10).
   * @default 60000
   */
  readonly keepAliveMs?: number | undefined;
  /**
   * Incoming requests, and other incoming messages, handled at once.
   * @default 64
   */
  readonly maxConcurrentRequests?: number | undefined;
  /**
   * Those waiting beyond that; further requests are answered 503 at once.
   * @default 1000
   */
  readonly maxQueuedRequests?: number | undefined;
  /**
   * Bytes of all that waits; what comes on top is refused likewise.
   * @default 67108864 (64 MiB)
   */
  readonly maxQueuedBytes?: number | undefined;
  /**
   * Incoming requests with a larger payload are answered 413, unread.
   * @default no limit
   */
  readonly maxPayloadBytes?: number | undefined;
  /**
   * Groups of devices that this one is in: it gets the requests to them, too, see `requestMany()`.
   * @default []
   */
  readonly groups?: readonly string[] | undefined;
  /**
   * Sends requests again while no answer comes, as the option of a request does: for GET, PUT and DELETE, which are safe
   * to carry out twice (RFC 7252 §5.1). A POST is sent again only where its own options say so.
   * @default false
   */
  readonly retry?: RetryOptions | number | false | undefined;
  /**
   * How answers are kept for requests that come twice: a repeat runs no handler again, it gets the answer of
   * the first run, or waits for it. `false`: none is kept, and a repeat after the first answer runs again.
   * @default { maxAnswers: 1000, maxBytes: 8388608, keepMs: 60000 }
   */
  readonly repeats?: RepeatsOptions | false | undefined;
  /**
   * How deep arrays and objects may nest in what arrives; deeper messages are dropped.
   * @default 1000
   */
  readonly maxNestingDepth?: number | undefined;
  /**
   * What is printed to stderr (in browsers: to the console) where there is no `logger`: `error` (what threw in
   * handlers, answers that could not be sent, links that ended for good), `warn`, `info`, `debug` (a line for each
   * request, response, subscription and dial), or nothing with `silent`. Never payloads or secrets.
   *
   * @default "error"
   */
  readonly logLevel?: LogLevel | undefined;
  /**
   * Where to log, in place of stderr; gets the entries of every level.
   * @default none: stderr, see `logLevel`
   */
  readonly logger?: Logger | undefined;
  /**
   * Further formats of payloads beside JSON, the best first: `cbor` of `gf-mqtt-client/cbor`. Requests ask for them, and
   * devices that have them answer in them; whoever does not ask gets JSON.
   * @default []
   */
  readonly contentFormats?: readonly ContentFormat[] | undefined;
  /**
   * How to reach the broker. Tests bring the one of `gf-mqtt-client/testing`.
   * @default MQTT.js
   */
  readonly transport?: Transport | undefined;
  /**
   * Time, for tests.
   * @default the machine's
   */
  readonly clock?: Clock | undefined;
  /**
   * Maker of request ids, for tests.
   * @default random UUIDs
   */
  readonly createId?: CreateId | undefined;
  /**
   * Randomness of the reconnect pauses, from 0 up to but not including 1, for tests.
   * @default Math.random
   */
  readonly random?: (() => number) | undefined;
}

/** Every option there is. */
export const OPTION_NAMES: ReadonlySet<string> = new Set<keyof MQTTClientOptions>([
  "broker",
  "port",
  "identifier",
  "ensureUniqueIdentifier",
  "timeoutMs",
  "username",
  "password",
  "subscriptions",
  "qosDefault",
  "namespace",
  "protocolVersion",
  "tls",
  "responseRouting",
  "mailbox",
  "presence",
  "reconnect",
  "keepAliveMs",
  "maxConcurrentRequests",
  "maxQueuedRequests",
  "maxQueuedBytes",
  "maxPayloadBytes",
  "groups",
  "retry",
  "repeats",
  "maxNestingDepth",
  "contentFormats",
  "logLevel",
  "logger",
  "transport",
  "clock",
  "createId",
  "random",
]);
