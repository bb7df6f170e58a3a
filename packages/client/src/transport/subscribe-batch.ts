import type { QoS, Subscription } from "./transport.ts";

/** What one SUBSCRIBE asks for. */
export interface SubscribeBatch {
  readonly qos: QoS;
  readonly filters: readonly string[];
}

/** Filters per SUBSCRIBE: some hosted brokers take no more. */
const MOST_FILTERS = 8;

/**
 * Divides subscriptions into batches of one QoS each, for MQTT.js takes a list of filters only with
 * one QoS for all. With a QoS for each it takes an object, whose order is not that of the SUBSCRIBE
 * where filters look like integers, and from which it drops the filter "resubscribe".
 */
export const subscribeBatches = (
  subscriptions: readonly Subscription[],
): readonly SubscribeBatch[] =>
  ([0, 1, 2] as const).flatMap((level) => {
    const filters = subscriptions.filter(({ qos }) => qos === level).map(({ filter }) => filter);
    const count = Math.ceil(filters.length / MOST_FILTERS);
    return Array.from({ length: count }, (_, at) => ({
      qos: level,
      filters: filters.slice(at * MOST_FILTERS, (at + 1) * MOST_FILTERS),
    }));
  });
