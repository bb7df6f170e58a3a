import type { QoS, SubscribeResult, Subscription } from "./transport.ts";

/** Filters for one SUBSCRIBE, in the form in which MQTT.js takes them. */
export interface SubscribeBatch {
  /** The filters in the order in which they are sent, and so that of their verdicts. */
  readonly filters: readonly string[];
  readonly topics: string[] | Record<string, { qos: QoS }>;
  /** For topics without a QoS of their own. */
  readonly settings: { qos: QoS };
}

/** The answer to it, as MQTT.js gives it. */
export interface Suback {
  readonly granted?: readonly number[];
  readonly properties?: { readonly reasonString?: unknown };
}

const UNSPECIFIED_ERROR = 0x80;

/** Filters per SUBSCRIBE: some hosted brokers take no more. */
const MOST_FILTERS = 8;
/** MQTT.js takes a field of this name out of the object that it is given, for an option of its own. */
const MISTAKEN_FILTER = "resubscribe";

const together = (subscriptions: readonly Subscription[]): SubscribeBatch => {
  const topics = Object.fromEntries(subscriptions.map(({ filter, qos }) => [filter, { qos }]));
  // An object has its own order where filters look like integers.
  return { filters: Object.keys(topics), topics, settings: { qos: 0 } };
};

const alone = ({ filter, qos }: Subscription): SubscribeBatch => ({
  filters: [filter],
  topics: [filter],
  settings: { qos },
});

/**
 * Divides subscriptions into as few batches as can be: several SUBACKs in a row are held back by a
 * broker with Nagle's algorithm, 40 ms and more.
 */
export const subscribeBatches = (
  subscriptions: readonly Subscription[],
): readonly SubscribeBatch[] => {
  const mistaken = subscriptions.filter(({ filter }) => filter === MISTAKEN_FILTER);
  const others = subscriptions.filter(({ filter }) => filter !== MISTAKEN_FILTER);
  const count = Math.ceil(others.length / MOST_FILTERS);
  const batches = Array.from({ length: count }, (_, at) =>
    together(others.slice(at * MOST_FILTERS, (at + 1) * MOST_FILTERS)),
  );
  return [...batches, ...mistaken.map(alone)];
};

const verdictOn = (
  filter: string,
  code: number | undefined,
  explanation: string | undefined,
): SubscribeResult =>
  code === 0 || code === 1 || code === 2
    ? { filter, granted: code, reasonCode: code }
    : {
        filter,
        granted: undefined,
        reasonCode: code ?? UNSPECIFIED_ERROR,
        ...(explanation === undefined ? {} : { explanation }),
      };

/** What the broker says of each filter of a batch; undefined where it says nothing. */
export const verdictsOn = (
  filters: readonly string[],
  suback: Suback | undefined,
): readonly SubscribeResult[] | undefined => {
  const codes = suback?.granted;
  const reason = suback?.properties?.reasonString;
  const explanation = typeof reason === "string" ? `"${reason}"` : undefined;
  return codes && filters.map((filter, at) => verdictOn(filter, codes[at], explanation));
};
