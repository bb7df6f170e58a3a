import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

import { ResourceRouter } from "gf-mqtt-client";

import { UsageFailure } from "../failures/cli-failure.ts";
import { messageOf } from "../failures/message-of.ts";
import { isJsonObject } from "../json-object.ts";
import type { JsonObject } from "../json-object.ts";

/** A device as it is written in a file. */
export interface ResourceFile {
  /** The identifier that the file names. */
  readonly identifier: string | undefined;
  /** One a subsystem. */
  readonly routers: readonly ResourceRouter[];
  /** The first resource, as SUBSYSTEM/PATH, to be tried out. */
  readonly first: string | undefined;
}

/** A resource as it is written in a file. */
interface WrittenResource {
  readonly value: unknown;
  readonly writable: boolean;
  readonly title: string | undefined;
  readonly unit: string | undefined;
  readonly delayMs: number;
}

const RESOURCE_FIELDS = new Set(["value", "writable", "title", "unit", "delayMs"]);
const DEVICE_FIELDS = new Set(["identifier", "subsystems"]);
const LONGEST_DELAY_MS = 3_600_000;

/** Where something is in the file, and what it has to be. */
const fault = (place: string, expected: string): UsageFailure =>
  new UsageFailure(`${place} has to be ${expected}`, "docs/cli.md shows what such a file holds");

const refuseUnknown = (place: string, value: JsonObject, known: ReadonlySet<string>): void => {
  const unknown = Object.keys(value).find((name) => !known.has(name));
  if (unknown === undefined) return;
  throw new UsageFailure(
    `${place} holds ${JSON.stringify(unknown)}, which means nothing here`,
    `it may hold ${[...known].join(", ")}`,
  );
};

const readOptional = <Kind extends "string" | "boolean">(
  place: string,
  value: unknown,
  kind: Kind,
): (Kind extends "string" ? string : boolean) | undefined => {
  // The type is that of the comparison.
  if (value === undefined || typeof value === kind) return value as never;
  throw fault(place, kind === "string" ? "a text" : "true or false");
};

/** An object with `value` describes a resource; anything else is the value itself. */
const readResource = (place: string, written: unknown): WrittenResource => {
  if (!isJsonObject(written) || !Object.hasOwn(written, "value")) {
    return { value: written, writable: false, title: undefined, unit: undefined, delayMs: 0 };
  }
  refuseUnknown(place, written, RESOURCE_FIELDS);
  const { value, writable, title, unit, delayMs = 0 } = written;
  if (typeof delayMs !== "number" || !(delayMs >= 0 && delayMs <= LONGEST_DELAY_MS)) {
    throw fault(`${place}.delayMs`, `a number of ms from 0 to ${String(LONGEST_DELAY_MS)}`);
  }
  return {
    value,
    writable: readOptional(`${place}.writable`, writable, "boolean") ?? false,
    title: readOptional(`${place}.title`, title, "string"),
    unit: readOptional(`${place}.unit`, unit, "string"),
    delayMs,
  };
};

const addResource = (router: ResourceRouter, path: string, written: WrittenResource): void => {
  const { writable, title, unit, delayMs } = written;
  let { value } = written;
  const options = {
    ...(title !== undefined && { title }),
    ...(unit !== undefined && { unit }),
  };
  router.get(path, options, async ({ signal }) => {
    if (delayMs > 0) await sleep(delayMs, undefined, { signal });
    return value;
  });
  if (!writable) return;
  router.put(path, options, async ({ body, signal }) => {
    if (delayMs > 0) await sleep(delayMs, undefined, { signal });
    value = body;
  });
};

const addAll = (subsystem: string, resources: unknown): ResourceRouter => {
  const place = `subsystems.${subsystem}`;
  if (!isJsonObject(resources)) throw fault(place, "an object of resources, by their paths");
  const router = new ResourceRouter({ subsystem });
  for (const [path, written] of Object.entries(resources)) {
    const at = `${place}[${JSON.stringify(path)}]`;
    const resource = readResource(at, written);
    try {
      addResource(router, path, resource);
    } catch (error) {
      // What the router says of a path does not name the place.
      throw error instanceof Error ? new UsageFailure(`${at}: ${error.message}`) : error;
    }
  }
  return router;
};

/**
 * Makes a device of what a file holds.
 *
 * @throws {UsageFailure} it holds something else; names the place.
 */
const parseResourceFile = (text: string): ResourceFile => {
  let written: unknown;
  try {
    written = JSON.parse(text);
  } catch (error) {
    throw new UsageFailure(`it is no JSON: ${messageOf(error)}`);
  }
  if (!isJsonObject(written)) throw fault("the file", 'an object: { "subsystems": { … } }');
  refuseUnknown("the file", written, DEVICE_FIELDS);
  const { subsystems } = written;
  if (!isJsonObject(subsystems))
    throw fault("subsystems", "an object of subsystems, by their names");
  const routers = Object.entries(subsystems).map(([name, resources]) => addAll(name, resources));
  // All are objects by now.
  const [first] = Object.entries(subsystems).flatMap(([name, resources]) =>
    Object.keys(resources as object).map((path) => `${name}/${path}`),
  );
  return {
    identifier: readOptional("identifier", written["identifier"], "string"),
    routers,
    first,
  };
};

/**
 * Reads a file that describes a device.
 *
 * @throws {UsageFailure} it cannot be read, or holds something else.
 */
export const readResourceFile = async (file: string): Promise<ResourceFile> => {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw new UsageFailure(`cannot read ${file}: ${messageOf(error)}`);
  }
  try {
    return parseResourceFile(text);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const hint = error instanceof UsageFailure ? error.hint : undefined;
    throw new UsageFailure(`${file}: ${error.message}`, hint);
  }
};
