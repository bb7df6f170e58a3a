import { resolve } from "node:path";

import type { Cli } from "../cli.ts";
import type { ConnectionFlags } from "../connecting/connection-options.ts";
import { UsageFailure } from "../failures/cli-failure.ts";
import type { Context } from "./context.ts";
import { contextNamed, readContexts, writeContexts } from "./context-store.ts";

/** Options of `context add`. */
export interface ContextFlags extends Omit<ConnectionFlags, "context" | "password" | "verbose"> {
  readonly passwordCommand?: string;
  readonly force?: boolean;
}

const NAME = /^[\w.][\w.-]*$/;
/** Names that objects have by themselves are lost when the file is read. */
const LOST_NAMES = new Set(["__proto__", "constructor", "prototype"]);
const FILES = ["passwordFile", "ca", "cert", "key"] as const;

/** The files are found from any folder. */
const withWholePaths = (context: Context): Context => {
  const given = FILES.flatMap((name) => {
    const file = context[name];
    return file === undefined ? [] : [[name, resolve(file)] as const];
  });
  return { ...context, ...Object.fromEntries(given) };
};

/** A name or a password before the host; only behind that of a WebSocket URL may @ mean anything else. */
const CREDENTIALS = /^(?:wss?:\/\/[^/]*|(?!wss?:).*)@/is;

/** The user's name and password have options of their own: the URL is shown. */
const assertNoSecret = (broker: string): void => {
  if (CREDENTIALS.test(broker)) {
    throw new UsageFailure(
      "the URL holds a name or a password, and contexts keep no secrets",
      "give --username, and --password-file or --password-command",
    );
  }
};

/** Keeps a broker under a name; the first one is used at once. */
export const addContext = async (
  { environment, output }: Cli,
  name: string,
  { force = false, ...flags }: ContextFlags,
): Promise<void> => {
  const { broker } = flags;
  if (!NAME.test(name) || LOST_NAMES.has(name)) {
    throw new UsageFailure(
      `a context cannot be called ${JSON.stringify(name)}`,
      "letters, digits, . _ and -",
    );
  }
  if (broker === undefined) {
    throw new UsageFailure(
      "a context needs --broker",
      "for instance --broker mqtt://broker.example.com",
    );
  }
  assertNoSecret(broker);
  const { current, previous, contexts } = await readContexts(environment);
  if (Object.hasOwn(contexts, name) && !force) {
    throw new UsageFailure(`there is a context ${name} already`, "replace it with --force");
  }
  const context = withWholePaths({ ...flags, broker });
  await writeContexts(environment, {
    current: current ?? name,
    previous,
    contexts: { ...contexts, [name]: context },
  });
  output.line(`${name}: ${broker}${current === undefined ? ", in use" : ""}`);
};

/** Prints all of them. */
export const listContexts = async (
  { environment, output, errors }: Cli,
  { json = false }: { readonly json?: boolean },
): Promise<void> => {
  const { current, contexts } = await readContexts(environment);
  const all = Object.entries(contexts).map(([name, context]) => ({
    name,
    isCurrent: name === current,
    ...context,
  }));
  if (json) {
    output.line(JSON.stringify(all));
    return;
  }
  if (all.length === 0)
    errors.line("there is none; gf-mqtt context add NAME --broker URL makes one");
  const width = Math.max(0, ...all.map(({ name }) => name.length));
  for (const { name, isCurrent, broker, username } of all) {
    const who = username === undefined ? "" : output.style.dim(` as ${username}`);
    output.line(
      `${isCurrent ? "*" : " "} ${output.style.name(name.padEnd(width))}  ${broker}${who}`,
    );
  }
};

/** Takes one from now on. */
export const useContext = async ({ environment, output }: Cli, asked: string): Promise<void> => {
  const all = await readContexts(environment);
  const name = asked === "-" ? all.previous : asked;
  if (name === undefined) throw new UsageFailure("there was no other context in use before");
  const { broker } = contextNamed(all, name);
  const previous = name === all.current ? all.previous : all.current;
  await writeContexts(environment, { ...all, current: name, previous });
  output.line(`${name}: ${broker}, in use`);
};

/** Forgets one. */
export const removeContext = async ({ environment, output }: Cli, name: string): Promise<void> => {
  const all = await readContexts(environment);
  contextNamed(all, name);
  const { [name]: _removed, ...contexts } = all.contexts;
  await writeContexts(environment, {
    current: all.current === name ? undefined : all.current,
    previous: all.previous === name ? undefined : all.previous,
    contexts,
  });
  output.line(`${name} is removed${all.current === name ? "; none is in use now" : ""}`);
};
