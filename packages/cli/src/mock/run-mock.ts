import type { Method, ResponseCode } from "gf-mqtt-client";

import type { Cli } from "../cli.ts";
import { UsageFailure } from "../failures/cli-failure.ts";
import { METHODS } from "../flags/method.ts";
import { readBody } from "../requests/request-body.ts";
import type { Resource } from "../requests/resource.ts";
import { serveDevice } from "../serving/serve-device.ts";
import type { ServeFlags } from "../serving/serve-device.ts";
import { safeText } from "../terminal/safe-text.ts";
import { createMock } from "./mock-router.ts";
import type { Mock } from "./mock-router.ts";

/** Options of `reply`. */
export interface ReplyFlags extends ServeFlags {
  readonly body?: string;
  readonly text?: boolean;
  readonly command?: string;
  readonly method?: readonly Method[];
  readonly code?: ResponseCode;
  /** In ms. */
  readonly delay: number;
  readonly times: number;
}

const replyOf = async (cli: Cli, flags: ReplyFlags): Promise<Mock["reply"]> => {
  const { body, text: isText = false, command } = flags;
  if (command === undefined) {
    return { body: await readBody({ words: body === undefined ? [] : [body], isText }, cli.input) };
  }
  if (body === undefined) return { command };
  throw new UsageFailure("--body and --command exclude one another");
};

/** Answers requests for a resource as it is told, until Ctrl-C. */
export const runMock = async (
  cli: Cli,
  { target, resource }: { readonly target: string; readonly resource: Resource },
  flags: ReplyFlags,
): Promise<void> => {
  const { method: methods = METHODS, code, delay: delayMs, times } = flags;
  const { line, style } = cli.errors;
  const onFailure = (message: string): void => {
    // What the command said may hold what the request did.
    line(`${style.bad("✘")} ${message.split("\n").map(safeText).join("\n")}`);
  };
  const reply = await replyOf(cli, flags);
  const router = createMock({ resource, methods, code, delayMs, times, reply, onFailure });
  const served = {
    identifier: target,
    what: `${resource.subsystem}/${resource.path}`,
    trial: undefined,
    handlersFor: () => Promise.resolve([router]),
  };
  await serveDevice(cli, served, { ...flags, target });
};
