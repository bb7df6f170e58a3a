import { setTimeout as sleep } from "node:timers/promises";

import { InternalServerErrorResponse, ResourceRouter, answer } from "gf-mqtt-client";
import type { Method, ResourceAnswer, ResourceContext, ResponseCode } from "gf-mqtt-client";

import { messageOf } from "../failures/message-of.ts";
import type { Resource } from "../requests/resource.ts";
import { runCommand } from "./run-command.ts";

/** What is answered to whom. */
export interface Mock {
  /** The path may be a pattern: `captures/:id`, `**`. */
  readonly resource: Resource;
  readonly methods: readonly Method[];
  /** Undefined: 205 to GET, 204 and the like to the others. */
  readonly code: ResponseCode | undefined;
  readonly delayMs: number;
  /** Later requests are answered 503. */
  readonly times: number;
  readonly reply: { readonly body: unknown } | { readonly command: string };
  /** Told of commands that failed. */
  readonly onFailure: (message: string) => void;
}

const USUAL_CODE: Readonly<Record<Method, ResponseCode>> = {
  GET: 205,
  POST: 204,
  PUT: 204,
  DELETE: 202,
};

const parse = (printed: string): unknown => {
  const text = printed.replace(/\r?\n$/, "");
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

/** What a command finds in its environment. */
const environmentOf = (
  { method, path, subsystem, topic, requestId, source }: ResourceContext,
  params: Readonly<Record<string, string>>,
): Record<string, string> => ({
  METHOD: method,
  REQUEST_PATH: path,
  SUBSYSTEM: subsystem,
  TOPIC: topic,
  REQUEST_ID: requestId,
  SOURCE: source ?? "",
  ...Object.fromEntries(
    Object.entries(params).map(([name, value]) => [`PARAM_${name.toUpperCase()}`, value]),
  ),
});

/** A router that answers what it is told, or what a command prints. */
export const createMock = (mock: Mock): ResourceRouter => {
  const { resource, methods, code, delayMs, reply, onFailure } = mock;
  const router = new ResourceRouter({ subsystem: resource.subsystem });
  let left = mock.times;
  const run = async (command: string, context: ResourceContext): Promise<unknown> => {
    const { params, payload, signal } = context;
    try {
      const input = JSON.stringify(payload);
      const environment = environmentOf(context, { ...(params as Record<string, string>) });
      return parse(await runCommand({ command, input, environment, signal }));
    } catch (error) {
      onFailure(`the command failed: ${messageOf(error)}`);
      throw new InternalServerErrorResponse("the command that answers has failed");
    }
  };
  const respond = async (context: ResourceContext): Promise<ResourceAnswer> => {
    if (left <= 0) return answer(503, "it has answered as often as it was told to");
    left -= 1;
    if (delayMs > 0) await sleep(delayMs, undefined, { signal: context.signal });
    const body = "command" in reply ? await run(reply.command, context) : reply.body;
    return answer(code ?? USUAL_CODE[context.method], body);
  };
  const add: Readonly<Record<Method, () => unknown>> = {
    GET: () => router.get(resource.path, respond),
    POST: () => router.post(resource.path, respond),
    PUT: () => router.put(resource.path, respond),
    DELETE: () => router.delete(resource.path, respond),
  };
  for (const method of methods) add[method]();
  return router;
};
