import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";

import { RootCommand } from "@bomb.sh/tab";
import type { Command as CompletedCommand, Complete } from "@bomb.sh/tab";
import { Command } from "commander";

import type { Cli } from "../cli.ts";
import { COMMANDS } from "../command-table.ts";
import { readContexts } from "../contexts/context-store.ts";
import { readKnownDevices } from "./device-cache.ts";
import type { KnownDevices } from "./device-cache.ts";

/** What words may stand for. */
interface Names {
  readonly devices: KnownDevices;
  readonly contexts: readonly string[];
  /** All words so far, the unfinished last one included. */
  readonly words: readonly string[];
}

const completeFiles = (word: string, complete: Complete): void => {
  const folder = word.endsWith("/") ? word : dirname(word || "x");
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = folder === "." && !word.startsWith("./") ? entry.name : join(folder, entry.name);
      complete(entry.isDirectory() ? `${path}/` : path, "");
    }
  } catch {
    // There is no such folder: nothing to complete.
  }
};

/** The device that is named before a resource. */
const deviceIn = ({ words, devices }: Names): string | undefined =>
  words.find((word) => Object.hasOwn(devices, word));

const completeArgument = (name: string, names: Names, complete: Complete): void => {
  const { devices, contexts, words } = names;
  const all = (values: Iterable<string>): void => {
    for (const value of values) complete(value, "");
  };
  if (name === "target" || name === "group") all(Object.keys(devices));
  else if (name === "resource" || name === "pattern") {
    const device = deviceIn(names);
    all(device === undefined ? new Set(Object.values(devices).flat()) : (devices[device] ?? []));
  } else if (name === "subsystem") {
    const resources = devices[deviceIn(names) ?? ""] ?? [];
    all(new Set(resources.map((resource) => resource.split("/")[0] ?? "")));
  } else if (name === "name") all(contexts);
  else if (name === "file" || name === "what") {
    if (name === "what") complete("instrument", "the simulated one");
    completeFiles(words.at(-1) ?? "", complete);
  }
};

/** Tells the completion what a command takes. */
const addCommand = (
  to: { readonly command: RootCommand["command"] },
  [path, command]: readonly [path: string, command: Command],
  names: Names,
): void => {
  const completed: CompletedCommand = to.command(path, command.description());
  for (const { long, short, description, argChoices = [], required, optional } of command.options) {
    if (long === undefined || long === null) continue;
    const name = long.replace(/^--/, "");
    const alias = short?.replace(/^-/, "");
    const takesValue = required || optional;
    if (!takesValue) completed.option(name, description, alias ?? "");
    else {
      const isContext = name === "context";
      const choices = isContext ? names.contexts : argChoices;
      completed.option(
        name,
        description,
        (complete) => {
          for (const choice of choices) complete(choice, "");
        },
        alias,
      );
    }
  }
  for (const argument of command.registeredArguments) {
    completed.argument(
      argument.name(),
      (complete) => {
        const { argChoices } = argument;
        if (argChoices === undefined) completeArgument(argument.name(), names, complete);
        else for (const choice of argChoices) complete(choice, "");
      },
      argument.variadic,
    );
  }
  for (const child of command.commands) addCommand(to, [`${path} ${child.name()}`, child], names);
};

/** Prints what the last of some words may become, for the script of a shell. */
export const completeWords = async (cli: Cli, words: readonly string[]): Promise<void> => {
  const [devices, { contexts }] = await Promise.all([
    readKnownDevices(cli.environment),
    // A broken file is told by `gf-mqtt context`, not while somebody types.
    readContexts(cli.environment).catch(() => ({ contexts: {} })),
  ]);
  const names: Names = { devices, contexts: Object.keys(contexts), words };
  const root = new RootCommand();
  for (const { name, summary, load } of COMMANDS) {
    const command = new Command(name).description(summary);
    (await load())(command, cli);
    addCommand(root, [name, command], names);
  }
  root.parse([...words]);
};
