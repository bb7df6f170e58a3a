import { readFile } from "node:fs/promises";

import type { Cli } from "../cli.ts";
import { UsageFailure } from "../failures/cli-failure.ts";
import { messageOf } from "../failures/message-of.ts";

/** A body as it is written on the command line. */
export interface BodySource {
  /** JSON, or `key=value` pairs, or `@file`, or `-`. */
  readonly words: readonly string[];
  /** Take it as a text, not as JSON. */
  readonly isText: boolean;
}

const PAIR = /^([^=:@\s"[\]{}]+)(:?=)(.*)$/s;
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/** JSON.parse rounds integers beyond 2^53; what is sent would not be what was written. */
const assertExact = (json: string, origin: string): void => {
  for (const [token] of json.matchAll(TOKENS)) {
    if (!token.startsWith('"') && !Number.isFinite(Number(token))) {
      throw new UsageFailure(`${origin} holds ${token}, which is greater than numbers can be`);
    }
    if (/^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token))) {
      throw new UsageFailure(
        `${origin} holds ${token}, an integer beyond 2^53, which would be rounded`,
        `write it as a text: "${token}"`,
      );
    }
  }
};

const parseJson = (json: string, origin: string, hint: string): unknown => {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new UsageFailure(`${origin} is no JSON: ${messageOf(error)}`, hint);
  }
  assertExact(json, origin);
  return value;
};

const decodeText = (bytes: Uint8Array, origin: string): string => {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UsageFailure(`${origin} is no UTF-8 text`, "bodies are JSON or texts");
  }
};

const readText = async (file: string): Promise<string> => {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new UsageFailure(`cannot read the body's file: ${String(error)}`);
  }
  return decodeText(bytes, file);
};

const FILE_HINT = "send it as a text with --text";

/** `key=value` is a text, `key:=value` JSON; a value may be `@file`. */
const readPairs = async (words: readonly string[]): Promise<Record<string, unknown>> => {
  // Without a prototype, so that a key is a key whatever its name.
  const body = Object.create(null) as Record<string, unknown>;
  for (const word of words) {
    const [, key = "", operator, value = ""] = PAIR.exec(word) ?? [];
    if (key === "") {
      throw new UsageFailure(
        `${JSON.stringify(word)} is no pair`,
        "a body of several words is made of key=text and key:=JSON",
      );
    }
    if (Object.hasOwn(body, key)) throw new UsageFailure(`${key} is given twice`);
    const text = value.startsWith("@") ? await readText(value.slice(1)) : value;
    const hint = `for a text write ${key}=${value}`;
    body[key] = operator === ":=" ? parseJson(text, `the value of ${key}`, hint) : text;
  }
  return body;
};

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/**
 * Reads a body: JSON, pairs, the content of a file or of the standard input. Undefined: there is none.
 *
 * @throws {UsageFailure} it is none of these, or would not be sent as it was written.
 */
export const readBody = async (
  { words, isText }: BodySource,
  input: Pick<Cli["input"], "read">,
): Promise<unknown> => {
  const [first, ...others] = words;
  if (first === undefined) {
    if (isText) throw new UsageFailure("--text needs a body");
    return undefined;
  }
  const isSingle = others.length === 0;
  if (isSingle && first === "-") {
    const text = decodeText(await input.read(), "the standard input");
    return isText ? text : parseJson(text, "the standard input", FILE_HINT);
  }
  if (isSingle && first.startsWith("@")) {
    const text = await readText(first.slice(1));
    return isText ? text : parseJson(text, first.slice(1), FILE_HINT);
  }
  if (isText) {
    if (isSingle) return first;
    throw new UsageFailure("a text is one word for the shell", "put it in quotes");
  }
  if (isSingle && (isJson(first) || !PAIR.test(first))) {
    return parseJson(first, "the body", `for a text use --text, or '${JSON.stringify(first)}'`);
  }
  return readPairs(words);
};
