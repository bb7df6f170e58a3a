import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

import * as library from "gf-mqtt-client";
import type { MQTTClient, MessageHandler } from "gf-mqtt-client";

import { UsageFailure } from "../failures/cli-failure.ts";
import { messageOf } from "../failures/message-of.ts";

/** What a script's default export may be. */
type Scripted = MessageHandler | readonly MessageHandler[] | undefined;
type ScriptFunction = (client: MQTTClient, gfMqtt: typeof library) => Scripted | Promise<Scripted>;

const EXPECTED =
  "its default export has to be a router or another handler, a list of these, or a function (client, library) that returns one";

const isHandler = (value: unknown): value is MessageHandler =>
  typeof value === "object" &&
  value !== null &&
  "handle" in value &&
  typeof value.handle === "function";

const load = async (file: string): Promise<unknown> => {
  try {
    const module: unknown = await import(pathToFileURL(resolve(file)).href);
    return typeof module === "object" && module !== null && "default" in module
      ? module.default
      : undefined;
  } catch (error) {
    const message = messageOf(error);
    const isLibrary = message.includes("'gf-mqtt-client'");
    throw new UsageFailure(
      `cannot load ${file}: ${message}`,
      isLibrary
        ? "run npm install gf-mqtt-client beside it, or export a function: it gets the library as its second parameter"
        : undefined,
    );
  }
};

const handlersOf = (file: string, scripted: unknown): readonly MessageHandler[] => {
  const list: readonly unknown[] = Array.isArray(scripted) ? scripted : [scripted];
  if (list.length > 0 && list.every(isHandler)) return list;
  throw new UsageFailure(`${file} serves nothing: ${EXPECTED}`);
};

/**
 * Loads a script; gives what makes its handlers once there is a client.
 *
 * @throws {UsageFailure} it cannot be loaded.
 */
export const loadScript = async (
  file: string,
): Promise<(client: MQTTClient) => Promise<readonly MessageHandler[]>> => {
  const exported = await load(file);
  if (typeof exported !== "function") {
    const handlers = handlersOf(file, exported);
    return () => Promise.resolve(handlers);
  }
  return async (client) => {
    // Whatever it is, what it returns is looked at.
    const scripted = await (exported as ScriptFunction)(client, library);
    // It may have added its handlers itself.
    return scripted === undefined ? [] : handlersOf(file, scripted);
  };
};
