import { homedir } from "node:os";
import { join } from "node:path";

import type { Cli } from "../cli.ts";

/** Where a user keeps files of a kind: the variables that name the folder, the first of them that is set, else one at home. */
const FOLDERS = {
  config: { variables: ["XDG_CONFIG_HOME", "APPDATA"], atHome: ".config" },
  cache: { variables: ["XDG_CACHE_HOME", "LOCALAPPDATA"], atHome: ".cache" },
} as const;

/** A file of this program in the user's folder for configuration, or in that for caches. */
export const userFile = (
  { environment }: Pick<Cli, "environment">,
  kind: keyof typeof FOLDERS,
  name: string,
): string => {
  const { variables, atHome } = FOLDERS[kind];
  // One that is set to nothing counts as not set.
  const named = variables.map((variable) => environment[variable]).find(Boolean);
  return join(named ?? join(environment["HOME"] || homedir(), atHome), "gf-mqtt", name);
};
