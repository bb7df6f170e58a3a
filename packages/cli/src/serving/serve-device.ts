import type { MQTTClient, MessageHandler } from "gf-mqtt-client";

import type { Cli } from "../cli.ts";
import type { ConnectionFlags } from "../connecting/connection-options.ts";
import { goOn, showLink } from "../connecting/show-link.ts";
import { withClient } from "../connecting/with-client.ts";
import type { OutputFlags } from "../terminal/output-options.ts";
import { createRequestLog } from "./request-log.ts";

/** Options of what serves. */
export interface ServeFlags extends ConnectionFlags, OutputFlags {
  /** Identifier of the device. */
  readonly target?: string;
  /** `--no-presence`: false. */
  readonly presence: boolean;
}

/** What is to be served. */
export interface Served {
  /** The identifier, where no flag names one. */
  readonly identifier: string;
  /** What it is, for the first line. */
  readonly what: string;
  /** A command to try, behind `gf-mqtt`. */
  readonly trial: string | undefined;
  /** Topic filters of requests for further devices. */
  readonly subscriptions?: readonly string[];
  /** Answers the requests; a script makes them once there is a client. */
  readonly handlersFor: (client: MQTTClient) => Promise<readonly MessageHandler[]>;
}

/** Serves a device until Ctrl-C, with a line for each request. */
export const serveDevice = (cli: Cli, served: Served, flags: ServeFlags): Promise<never> => {
  const { presence, quiet = false, json = false } = flags;
  const identifier = flags.target ?? flags.identifier ?? served.identifier;
  return withClient(
    cli,
    { ...flags, identifier },
    {
      options: {
        presence,
        subscriptions: served.subscriptions,
        ...(flags.verbose !== true && { logger: createRequestLog(cli, flags) }),
      },
      prepare: async (client) => {
        showLink(client, cli);
        for (const handler of await served.handlersFor(client)) client.addMessageHandler(handler);
      },
      use: (client) => {
        const { line, style } = cli.errors;
        if (!quiet && !json) {
          line(`${style.bold(identifier)} serves ${served.what}. Ctrl-C ends it.`);
          if (served.trial !== undefined) {
            line(style.dim(`Try: gf-mqtt ${served.trial.replace("TARGET", identifier)}`));
          }
        }
        return goOn(client, cli);
      },
    },
  );
};
