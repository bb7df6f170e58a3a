import { readFile } from "node:fs/promises";

import * as v from "valibot";

import type { Cli } from "../cli.ts";
import { replaceFile } from "../files/replace-file.ts";
import { userFile } from "../files/user-file.ts";

/** Resources as SUBSYSTEM/PATH by the device that has them, the latest device last. */
export type KnownDevices = Readonly<Record<string, readonly string[]>>;

/** A device that has been heard of. */
export interface HeardOf {
  readonly target: string;
  /** Of its resources, as SUBSYSTEM/PATH. */
  readonly resources?: readonly string[];
}

const KnownSchema = v.record(v.string(), v.array(v.string()));

const MOST_DEVICES = 200;
const MOST_RESOURCES = 500;
const LONGEST_NAME = 200;
// What a shell takes for one word without quotes: names come from the network.
const COMPLETABLE = /^[\w.:@%+=/-]+$/;

type Environment = Cli["environment"];

const cacheFile = (environment: Environment): string =>
  userFile({ environment }, "cache", "devices.json");

/** The devices that commands have met so far; none where that cannot be read. */
export const readKnownDevices = async (environment: Environment): Promise<KnownDevices> => {
  try {
    return v.parse(KnownSchema, JSON.parse(await readFile(cacheFile(environment), "utf8")));
  } catch {
    // It is a convenience: where there is none, or another program's, there are no names.
    return {};
  }
};

const isName = (name: string): boolean => name.length <= LONGEST_NAME && COMPLETABLE.test(name);

/** The same with what was heard of; bounded. */
const withHeard = (known: KnownDevices, heard: readonly HeardOf[]): KnownDevices => {
  const all = new Map(Object.entries(known));
  for (const { target, resources = [] } of heard) {
    if (!isName(target)) continue;
    const before = all.get(target) ?? [];
    all.delete(target);
    const merged = new Set([...before, ...resources.filter(isName)]);
    all.set(target, [...merged].slice(-MOST_RESOURCES));
  }
  return Object.fromEntries([...all].slice(-MOST_DEVICES));
};

/** Remembers devices and their resources for completion. Never rejects: commands do not fail over it. */
export const rememberDevices = async (
  { environment }: Pick<Cli, "environment">,
  heard: readonly HeardOf[],
): Promise<void> => {
  try {
    const known = await readKnownDevices(environment);
    const next = withHeard(known, heard);
    if (JSON.stringify(next) === JSON.stringify(known)) return;
    await replaceFile(cacheFile(environment), JSON.stringify(next));
  } catch {
    // A folder that cannot be written to: names are not completed then.
  }
};
