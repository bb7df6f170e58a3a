import { runInThisContext } from "node:vm";

import * as client from "gf-mqtt-client";
import type { MQTTClient } from "gf-mqtt-client";
import * as testing from "gf-mqtt-client/testing";
import * as devBroker from "gf-mqtt-dev-broker";

import { BlockingPrograms } from "./blocking-programs.ts";
import type { BlockingStart } from "./blocking-programs.ts";
import type { Fixtures } from "./fixtures.ts";
import { fixturesOn } from "./fixtures.ts";
import type { Printer } from "./printed.ts";
import { createPrinter } from "./printed.ts";
import { placeOf } from "./scenes.ts";
import type { Program, Scene } from "./scenes.ts";
import { scriptOf } from "./source.ts";
import { openStage } from "./stage.ts";
import type { Stage } from "./stage.ts";

/** What a scene did. */
export interface Played {
  readonly printed: Pick<Printer, "printedBy">;
  /** Places of the programs that left a client of theirs connected, though they do not say so. */
  readonly leftRunning: readonly string[];
}

/** What the code of a snippet finds around it, by name; `type-check.ts` declares the same. */
type Surroundings = readonly [
  importModule: (name: string) => Promise<unknown>,
  fixtures: Fixtures,
  startSnippet: (line: number) => void,
  console: Console,
];

const importOn = (stage: Stage, made: MQTTClient[]) => {
  const modules = new Map<string, unknown>([
    ["gf-mqtt-client", { ...client, MQTTClient: stage.clientClass(made) }],
    ["gf-mqtt-client/testing", testing],
    ["gf-mqtt-dev-broker", devBroker],
  ]);
  return async (name: string): Promise<unknown> => modules.get(name) ?? (await import(name));
};

const nameOf = ([first]: Program): string => (first === undefined ? "" : placeOf(first.block));

/** Runs a program in this thread; gives whether it has left a client of its own connected. */
const playHere = async (program: Program, stage: Stage, printer: Printer): Promise<boolean> => {
  // `scriptOf` spells out the parameters.
  const run = runInThisContext(scriptOf(program), { filename: nameOf(program) }) as (
    ...surroundings: Surroundings
  ) => Promise<void>;
  const made: MQTTClient[] = [];
  await run(importOn(stage, made), fixturesOn(stage), printer.startSnippet, printer.console);
  return made.some(({ state }) => state !== "idle" && state !== "closed");
};

/** Prepares a program for a process of its own; the stand-in device is in this one. */
const prepare = async (program: Program, stage: Stage): Promise<BlockingStart> => {
  if (program.some(({ fixtures }) => fixtures.length > 0)) await fixturesOn(stage).device();
  return {
    script: scriptOf(program),
    filename: nameOf(program),
    brokerUrl: stage.brokerUrl,
    keepsRunning: program.some(({ keepsRunning }) => keepsRunning),
  };
};

/** Runs the programs of a scene one after another, against a broker of their own. */
export const play = async (scene: Scene): Promise<Played> => {
  await using stage = await openStage();
  await using apart = new BlockingPrograms();
  const printer = createPrinter();
  const leftRunning: string[] = [];
  for (const program of scene) {
    const isLeft = program.some(({ blocks }) => blocks)
      ? await apart.play(await prepare(program, stage))
      : await playHere(program, stage, printer);
    const mayRun = program.some(({ keepsRunning }) => keepsRunning);
    if (isLeft && !mayRun) leftRunning.push(nameOf(program));
  }
  await apart.finish(printer);
  return { printed: printer, leftRunning };
};
