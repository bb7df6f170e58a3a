import { Option } from "commander";
import type { Command } from "commander";

import { durationMs } from "../flags/duration.ts";

/** How a command reaches the broker; what is not given comes from the environment or a context. */
export interface ConnectionFlags {
  readonly broker?: string;
  readonly context?: string;
  readonly username?: string;
  /** `true`: to be asked for. */
  readonly password?: string | true;
  readonly passwordFile?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
  readonly insecure?: boolean;
  readonly identifier?: string;
  readonly namespace?: string;
  /** In ms. */
  readonly timeout?: number;
  readonly qos?: "0" | "1" | "2";
  readonly mqtt?: "3" | "5";
  /** Prints the library's log, too. */
  readonly verbose?: boolean;
}

const GROUP = "Connection:";

const OPTIONS: readonly Option[] = [
  new Option("-b, --broker <url>", "host name or mqtt:// mqtts:// ws:// wss:// URL"),
  new Option("--context <name>", "a context of `gf-mqtt context`, instead of the one in use"),
  new Option("-u, --username <name>", "who logs in at the broker"),
  new Option("--password [password]", "without a value it is asked for"),
  new Option("--password-file <file>", "the file with the password on its first line"),
  new Option("--ca <file>", "certificates to trust beside the system's, PEM"),
  new Option("--cert <file>", "the client's certificate, PEM"),
  new Option("--key <file>", "the key of that certificate, PEM"),
  new Option("--servername <name>", "the name that the broker's certificate must have"),
  new Option("--insecure", "trust any certificate"),
  new Option("--identifier <name>", "MQTT client id (default: one with a fresh UUID)"),
  new Option("--namespace <name>", "first segment of the topics (default: gf_int_v1)"),
  new Option(
    "--timeout <duration>",
    "longest wait for an answer, or for the connection (default: 5s)",
  ).argParser(durationMs),
  new Option("--qos <level>", "0, 1 or 2 (default: 0)").choices(["0", "1", "2"]),
  new Option("--mqtt <version>", "speak MQTT 3.1.1 or 5 only").choices(["3", "5"]),
  new Option("-v, --verbose", "print what the client does, to stderr"),
];

/** Names of the options above that take a value, as they are written: they may stand before the command's name, too. */
export const CONNECTION_OPTIONS: readonly Option[] = OPTIONS;

/** Adds them to a command that goes to the broker. */
export const addConnectionOptions = (command: Command): Command => {
  for (const option of OPTIONS) command.addOption(option.helpGroup(GROUP));
  return command;
};
