import { readFile } from "node:fs/promises";

import * as v from "valibot";

import type { Cli } from "../cli.ts";
import { CliFailure, UsageFailure } from "../failures/cli-failure.ts";
import { replaceFile } from "../files/replace-file.ts";
import type { FileRights } from "../files/replace-file.ts";
import { userFile } from "../files/user-file.ts";
import { messageOf } from "../failures/message-of.ts";
import type { Context, Contexts } from "./context.ts";

const NONE: Contexts = { contexts: {} };

const ContextSchema = v.strictObject({
  broker: v.string(),
  username: v.exactOptional(v.string()),
  passwordFile: v.exactOptional(v.string()),
  passwordCommand: v.exactOptional(v.string()),
  ca: v.exactOptional(v.string()),
  cert: v.exactOptional(v.string()),
  key: v.exactOptional(v.string()),
  servername: v.exactOptional(v.string()),
  insecure: v.exactOptional(v.boolean()),
  identifier: v.exactOptional(v.string()),
  namespace: v.exactOptional(v.string()),
  timeout: v.exactOptional(v.number()),
  qos: v.exactOptional(v.picklist(["0", "1", "2"])),
  mqtt: v.exactOptional(v.picklist(["3", "5"])),
});
const ContextsSchema = v.object({
  current: v.optional(v.string()),
  previous: v.optional(v.string()),
  contexts: v.record(v.string(), ContextSchema),
});

type Environment = Cli["environment"];

/** The file that they are kept in. */
const contextsFile = (environment: Environment): string =>
  userFile({ environment }, "config", "contexts.json");

const isMissing = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ENOENT";

/**
 * Reads the contexts; none where there is no file.
 *
 * @throws {CliFailure} the file cannot be read, or holds something else.
 */
export const readContexts = async (environment: Environment): Promise<Contexts> => {
  const file = contextsFile(environment);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (isMissing(error)) return NONE;
    throw new CliFailure(`cannot read the contexts in ${file}: ${String(error)}`, { cause: error });
  }
  try {
    return v.parse(ContextsSchema, JSON.parse(text));
  } catch (error) {
    const path = v.isValiError(error) ? ` at ${v.getDotPath(error.issues[0]) ?? "its top"}` : "";
    throw new CliFailure(`${file} holds no contexts${path}: ${messageOf(error)}`, {
      hint: "mend it, or remove it and add the contexts anew",
      cause: error,
    });
  }
};

const FOR_OWNER_ONLY: FileRights = { file: 0o600, folder: 0o700 };

/** Writes the contexts, for their owner's eyes only. */
export const writeContexts = async (
  environment: Environment,
  contexts: Contexts,
): Promise<void> => {
  const file = contextsFile(environment);
  try {
    await replaceFile(file, `${JSON.stringify(contexts, undefined, 2)}\n`, FOR_OWNER_ONLY);
  } catch (error) {
    throw new CliFailure(`cannot write the contexts to ${file}: ${String(error)}`, {
      cause: error,
    });
  }
};

/**
 * The context of a name.
 *
 * @throws {UsageFailure} there is none.
 */
export const contextNamed = ({ contexts }: Contexts, name: string): Context => {
  const found = Object.hasOwn(contexts, name) ? contexts[name] : undefined;
  if (found !== undefined) return found;
  const names = Object.keys(contexts);
  throw new UsageFailure(
    `there is no context ${JSON.stringify(name)}`,
    names.length === 0
      ? "add one: gf-mqtt context add lab --broker mqtt://broker.example.com"
      : `there are: ${names.join(", ")}`,
  );
};
