import { basename, extname } from "node:path";

import { createInstrument } from "../instrument/instrument-router.ts";
import { INSTRUMENT } from "../instrument/start-instrument.ts";
import { readResourceFile } from "./resource-file.ts";
import { loadScript } from "./script-file.ts";
import type { Served } from "./serve-device.ts";

const SCRIPTS = new Set([".js", ".mjs", ".cjs", ".ts", ".mts"]);

/** `instrument`, or a file: what is served by that name. */
export const findServed = async (what: string, seed: number | undefined): Promise<Served> => {
  if (what === "instrument") {
    const instrument = createInstrument(seed === undefined ? {} : { seed });
    return {
      identifier: INSTRUMENT,
      what: "a simulated instrument, subsystem axuv",
      trial: "describe TARGET axuv",
      handlersFor: () => Promise.resolve([instrument]),
    };
  }
  const name = basename(what, extname(what));
  if (SCRIPTS.has(extname(what))) {
    const handlersFor = await loadScript(what);
    return { identifier: name, what, trial: undefined, handlersFor };
  }
  const { identifier = name, routers, first } = await readResourceFile(what);
  return {
    identifier,
    what,
    trial: first === undefined ? undefined : `get TARGET ${first}`,
    handlersFor: () => Promise.resolve(routers),
  };
};
