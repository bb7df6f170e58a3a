import type { ResourceDescription } from "gf-mqtt-client";

import type { Cli } from "../cli.ts";
import { rememberDevices } from "../completion/device-cache.ts";
import type { ConnectionFlags } from "../connecting/connection-options.ts";
import { withClient } from "../connecting/with-client.ts";
import { lineOf } from "../terminal/json-text.ts";
import type { Output } from "../terminal/output.ts";
import type { OutputFlags } from "../terminal/output-options.ts";
import { safeText } from "../terminal/safe-text.ts";
import { tableLines } from "../terminal/table.ts";

/** Options of `describe`. */
export interface DescribeFlags extends ConnectionFlags, OutputFlags {
  readonly query?: string;
  /** The JSON Schemas, too. */
  readonly schemas?: boolean;
}

const schemaLines = ({ href, body, response }: ResourceDescription): string[] => [
  ...(body === undefined ? [] : [`${safeText(href)} takes ${lineOf(body)}`]),
  ...(response === undefined ? [] : [`${safeText(href)} gives ${lineOf(response)}`]),
];

const print = (
  { line, style }: Output,
  resources: readonly ResourceDescription[],
  { schemas = false }: DescribeFlags,
): void => {
  const rows = resources.map(({ href, methods, title = "", unit, observable }) => [
    style.name(safeText(href)),
    methods.join(" "),
    safeText(unit === undefined ? title : `${title} (${unit})`.trimStart()),
    observable ? "observable" : "",
  ]);
  for (const each of tableLines(rows)) line(each);
  if (!schemas) return;
  line();
  for (const each of resources.flatMap(schemaLines)) line(each);
};

/** Prints what a subsystem of a device serves. */
export const describeDevice = (
  cli: Cli,
  { target, subsystem }: { readonly target: string; readonly subsystem: string },
  flags: DescribeFlags,
): Promise<void> =>
  withClient(cli, flags, {
    use: async (client) => {
      const { query, json = false } = flags;
      const resources = await client.device(target, subsystem).describe({
        signal: cli.signal,
        ...(query !== undefined && { query }),
      });
      if (json) cli.output.line(JSON.stringify(resources));
      else print(cli.output, resources, flags);
      const paths = resources.map(({ href }) => `${subsystem}/${href}`);
      await rememberDevices(cli, [{ target, resources: paths }]);
    },
  });
