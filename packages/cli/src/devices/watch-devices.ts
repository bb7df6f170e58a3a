import type { DevicePresence } from "gf-mqtt-client";

import type { Cli } from "../cli.ts";
import { rememberDevices } from "../completion/device-cache.ts";
import type { ConnectionFlags } from "../connecting/connection-options.ts";
import { withClient } from "../connecting/with-client.ts";
import type { Output } from "../terminal/output.ts";
import type { OutputFlags } from "../terminal/output-options.ts";
import { safeText } from "../terminal/safe-text.ts";
import { tableLines } from "../terminal/table.ts";

/** Options of `devices`. */
export interface DevicesFlags extends ConnectionFlags, OutputFlags {
  readonly watch?: boolean;
  /** How long to listen for devices, in ms. */
  readonly wait: number;
}

const cellsOf = (
  { style }: Output,
  { identifier, state, lastUpdated }: DevicePresence,
): readonly string[] => [
  safeText(identifier),
  state === "ONLINE" ? style.good(state) : style.dim(state),
  lastUpdated === undefined ? "" : style.dim(`since ${new Date(lastUpdated).toISOString()}`),
];

const documentOf = ({ identifier, state, lastUpdated }: DevicePresence): unknown => ({
  identifier,
  state,
  lastUpdated: lastUpdated ?? null,
});

/** Lists the devices that announce themselves, or goes on telling who comes and goes. */
export const watchDevices = (cli: Cli, flags: DevicesFlags): Promise<void> =>
  withClient(cli, flags, {
    use: async (client) => {
      const { output, errors, signal } = cli;
      const { watch = false, json = false, quiet = false, wait } = flags;
      const known = new Map<string, DevicePresence>();
      const time = watch ? {} : { timeoutMs: wait };
      for await (const presence of client.presence({ signal, ...time })) {
        known.set(presence.identifier, presence);
        if (!watch) continue;
        const line = json
          ? JSON.stringify(documentOf(presence))
          : cellsOf(output, presence).join("  ");
        output.line(line);
      }
      const all = [...known.values()].toSorted((a, b) => (a.identifier < b.identifier ? -1 : 1));
      if (json) output.line(JSON.stringify(all.map(documentOf)));
      else
        for (const line of tableLines(all.map((each) => cellsOf(output, each)))) output.line(line);
      await rememberDevices(
        cli,
        all.map(({ identifier }) => ({ target: identifier })),
      );
      if (all.length === 0 && !quiet) {
        errors.line("no device announces itself here; those without presence answer nevertheless");
      }
    },
  });
