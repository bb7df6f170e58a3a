import { createHash, timingSafeEqual } from "node:crypto";
import { once } from "node:events";

import { startDevBroker } from "gf-mqtt-dev-broker";
import type { Credentials, DevBroker } from "gf-mqtt-dev-broker";

import type { Cli } from "../cli.ts";
import { CliFailure } from "../failures/cli-failure.ts";
import { messageOf } from "../failures/message-of.ts";

/** Options of `broker`. */
export interface BrokerFlags {
  readonly port: number;
  readonly wsPort: number;
  readonly host: string;
  /** Passwords by user names; undefined: everybody may connect. */
  readonly user?: ReadonlyMap<string, string>;
  readonly json?: boolean;
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

const isUser =
  (users: ReadonlyMap<string, string>) =>
  ({ username = "", password = "" }: Credentials): boolean => {
    const expected = users.get(username);
    return expected !== undefined && timingSafeEqual(digest(expected), digest(password));
  };

const start = async (cli: Cli, { port, wsPort, host, user }: BrokerFlags): Promise<DevBroker> => {
  const { line, style } = cli.errors;
  try {
    return await startDevBroker({
      port,
      wsPort,
      host,
      ...(user !== undefined && { authenticate: isUser(user) }),
      onError: ({ message }) => {
        line(`${style.warning("!")} ${message}`);
      },
    });
  } catch (error) {
    throw new CliFailure(`cannot start the broker: ${messageOf(error)}`, {
      hint: "name other ports with --port and --ws-port; 0 takes a free one",
      cause: error,
    });
  }
};

/** Runs the embedded broker until Ctrl-C. */
export const runBroker = async (cli: Cli, flags: BrokerFlags): Promise<void> => {
  const { signal, output } = cli;
  await using broker = await start(cli, flags);
  const { url, wsUrl = "" } = broker;
  if (flags.json === true) output.line(JSON.stringify({ url, wsUrl }));
  else {
    output.line(`${output.style.name(url)}  ${output.style.name(wsUrl)}`);
    output.line(
      output.style.dim("A broker for tests: it keeps everything in memory. Ctrl-C ends it."),
    );
  }
  if (!signal.aborted) await once(signal, "abort");
  signal.throwIfAborted();
};
