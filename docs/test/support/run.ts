import { runInThisContext } from "node:vm";

import * as client from "gf-mqtt-client";
import type { MQTTClient } from "gf-mqtt-client";
import * as testing from "gf-mqtt-client/testing";
import * as devBroker from "gf-mqtt-dev-broker";

import type { Fixtures } from "./fixtures.ts";
import { fixturesOn } from "./fixtures.ts";
import type { Printer } from "./printed.ts";
import { createPrinter } from "./printed.ts";
import { placeOf } from "./scenes.ts";
import type { Program, Scene } from "./scenes.ts";
import { sourceOf, toFunctionBody } from "./source.ts";
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

const compile = (program: Program): ((...surroundings: Surroundings) => Promise<void>) => {
  const body = toFunctionBody(sourceOf(program));
  const script = `(importModule, fixtures, startSnippet, console) => { ${body}; return snippet(); }`;
  const [first] = program;
  // The script is the function that the line above spells out.
  return runInThisContext(script, { filename: first && placeOf(first.block) }) as (
    ...surroundings: Surroundings
  ) => Promise<void>;
};

/** Runs the programs of a scene one after another, against a broker of their own. */
export const play = async (scene: Scene): Promise<Played> => {
  await using stage = await openStage();
  const printer = createPrinter();
  const leftRunning: string[] = [];
  for (const program of scene) {
    const made: MQTTClient[] = [];
    await compile(program)(
      importOn(stage, made),
      fixturesOn(stage),
      printer.startSnippet,
      printer.console,
    );
    const [first] = program;
    const mayRun = program.some(({ keepsRunning }) => keepsRunning);
    const runs = made.some(({ state }) => state !== "idle" && state !== "closed");
    if (first !== undefined && runs && !mayRun) leftRunning.push(placeOf(first.block));
  }
  return { printed: printer, leftRunning };
};
