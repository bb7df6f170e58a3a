import { mqttTransport } from "gf-mqtt-client";
import type { IncomingMessage, Transport } from "gf-mqtt-client";

import type { Cli } from "../cli.ts";
import type { ConnectionFlags } from "../connecting/connection-options.ts";
import { goOn, showLink, warningsBesideLink } from "../connecting/show-link.ts";
import { useClient } from "../connecting/with-client.ts";
import type { KnownOptions } from "../connecting/with-client.ts";

/** MQTT, with every message given to a listener as it is, invalid ones included; the client gets none. */
const tapTransport = (listener: (message: IncomingMessage) => void): Transport => ({
  dial: (request) => mqttTransport.dial({ ...request, onMessage: listener }),
});

/** Options of what taps a broker. */
export interface TapFlags extends Pick<ConnectionFlags, "verbose"> {
  /** Ends after so many ms. */
  readonly duration?: number;
}

/** What is listened to, and for how long. */
export interface Tap {
  /** None: all topics of the namespace. */
  readonly filters: readonly string[];
  readonly onMessage: (message: IncomingMessage) => void;
  /** Told of the filters, once they are subscribed. */
  readonly onReady: (filters: readonly string[]) => void;
  /** Fires when there was enough. */
  readonly enough: AbortSignal;
}

/** Resolves when the time is over or there was enough; rejects where the command is stopped before. */
const untilEnough = async (
  stopped: Promise<never>,
  enough: AbortSignal,
  { duration }: TapFlags,
): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    if (duration !== undefined) timer = setTimeout(resolve, duration);
    enough.addEventListener("abort", () => {
      resolve();
    });
    // What comes while it connects may have been enough.
    if (enough.aborted) resolve();
  });
  try {
    await Promise.race([over, stopped]);
  } finally {
    clearTimeout(timer);
  }
};

/** Gives every message that a broker carries to a listener, until there was enough or the command is stopped. */
export const tapBroker = (
  cli: Cli,
  known: KnownOptions,
  { filters, onMessage, onReady, enough, ...flags }: Tap & TapFlags,
): Promise<void> => {
  const subscriptions = filters.length > 0 ? filters : [`${known.namespace}/#`];
  return useClient(cli, known, {
    options: {
      subscriptions,
      transport: tapTransport(onMessage),
      ...(flags.verbose !== true && { logger: warningsBesideLink(cli) }),
    },
    prepare: (client) => {
      showLink(client, cli);
    },
    use: (client) => {
      onReady(subscriptions);
      return untilEnough(goOn(client, cli), enough, flags);
    },
  });
};
