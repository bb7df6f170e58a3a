import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PLUGIN = "mosquitto_dynamic_security.so";
const LIBRARY_FOLDERS = ["/usr/lib", "/usr/local/lib", "/opt/homebrew/lib"];

const findPlugin = (): string | undefined =>
  LIBRARY_FOLDERS.filter((folder) => existsSync(folder))
    .flatMap((folder) => [folder, ...subfoldersOf(folder)])
    .map((folder) => join(folder, PLUGIN))
    .find((file) => existsSync(file));

const subfoldersOf = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(folder, entry.name));

const plugin = findPlugin();

/** Why Mosquitto cannot be told to refuse subscriptions here, if so. */
export const cannotRefuseFilters: string | undefined =
  plugin === undefined ? `no ${PLUGIN} is installed` : undefined;

/** Lines of Mosquitto's configuration, and how to remove what they name. */
export interface Refusals {
  readonly config: string;
  remove(): Promise<void>;
}

/**
 * Has Mosquitto refuse topic filters. Its ACL file cannot: that decides about messages only, so it
 * takes the plugin that comes with Mosquitto.
 */
export const refuseFilters = async (filters: readonly string[]): Promise<Refusals> => {
  if (plugin === undefined) throw new Error(cannotRefuseFilters);
  const folder = await mkdtemp(join(tmpdir(), "mosquitto-refusals-"));
  const file = join(folder, "dynamic-security.json");
  await writeFile(file, JSON.stringify(rulesFor(filters)), { mode: 0o600 });
  return {
    config: `plugin ${plugin}\nplugin_opt_config_file ${file}`,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
};

const rulesFor = (filters: readonly string[]): object => ({
  defaultACLAccess: {
    publishClientSend: true,
    publishClientReceive: true,
    subscribe: true,
    unsubscribe: true,
  },
  anonymousGroup: "everybody",
  groups: [{ groupname: "everybody", roles: [{ rolename: "limited" }] }],
  roles: [
    {
      rolename: "limited",
      acls: filters.map((topic) => ({
        acltype: "subscribeLiteral",
        topic,
        priority: 1,
        allow: false,
      })),
    },
  ],
});
