import { InvalidArgumentError } from "commander";

import type { BrokerFlags } from "../broker/run-broker.ts";
import type { Configure } from "../command.ts";
import { addExamples } from "../command.ts";
import { wholeNumber } from "../flags/number.ts";

const PORT = wholeNumber({ min: 0, max: 65_535 });
const DEFAULT_PORT = 1_883;
const DEFAULT_WS_PORT = 9_001;

/** Collects NAME:PASSWORD pairs; a name may not be empty. */
const addUser = (
  text: string,
  users: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, string> => {
  const at = text.indexOf(":");
  if (at < 1) throw new InvalidArgumentError("A user is written NAME:PASSWORD.");
  return new Map([...users, [text.slice(0, at), text.slice(at + 1)]]);
};

export const configure: Configure = (command, cli) => {
  command
    .option("-p, --port <port>", "TCP port, 0: a free one", PORT, DEFAULT_PORT)
    .option("--ws-port <port>", "WebSocket port, 0: a free one", PORT, DEFAULT_WS_PORT)
    .option("--host <address>", "where to listen; 0.0.0.0: for other machines, too", "127.0.0.1")
    .option(
      "--user <name:password>",
      "who may connect, again for each (default: everybody)",
      addUser,
    )
    .option("--json", "print the addresses as JSON");
  addExamples(command, [
    ["gf-mqtt broker", "a broker for this machine, until Ctrl-C"],
    [
      "gf-mqtt broker --port 0 --ws-port 0 --user lab:hush",
      "on free ports, for those who know the password",
    ],
  ]).action(async (flags: BrokerFlags) => {
    const { runBroker } = await import("../broker/run-broker.ts");
    await runBroker(cli, flags);
  });
};
