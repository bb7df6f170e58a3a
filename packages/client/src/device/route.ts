import type { StandardSchemaV1 } from "@standard-schema/spec";

import { readSchema } from "../client/options/body-schema.ts";
import { OptionError } from "../errors/input-errors.ts";
import { functionValue, refuseUnknownOptions } from "../options/checks.ts";
import { Method } from "../protocol/method.ts";
import type { PathParams } from "./path-pattern.ts";
import type { ResourceAnswer } from "./resource-answer.ts";
import type { ResourceContext } from "./resource-context.ts";

/** Whether handlers may give promises, or are plain functions. */
export type RouterMode = "async" | "sync";

/** What a function of the user's gives back. */
export type Returned<Mode extends RouterMode, Value> = Mode extends "sync"
  ? Value
  : Value | PromiseLike<Value>;

/** What a resource says of itself, and what goes in and out of it. */
export interface RouteOptions<
  Body extends StandardSchemaV1 = StandardSchemaV1,
  Response extends StandardSchemaV1 = StandardSchemaV1,
> {
  /**
   * Checks the request's body and gives it its type: any Standard Schema. What it refuses is answered 400.
   * @default none: the body is `unknown`
   */
  readonly body?: Body | undefined;
  /**
   * Checks what the handler gives; what it refuses is answered 500, and logged.
   * @default none
   */
  readonly response?: Response | undefined;
  /**
   * What the resource is, for discovery (RFC 6690 §3: `title`).
   * @default none
   */
  readonly title?: string | undefined;
  /**
   * The unit of its values, for discovery.
   * @default none
   */
  readonly unit?: string | undefined;
}

/** What a handler may give: a body, or an answer made of a code and more. */
export type RouteResult<Response extends StandardSchemaV1> =
  | StandardSchemaV1.InferInput<Response>
  | ResourceAnswer<StandardSchemaV1.InferInput<Response>>
  | ResourceAnswer<undefined>;

/** The same from a handler that need not give anything. */
// oxlint-disable-next-line typescript/no-invalid-void-type -- a handler without a return statement is the usual one
export type OptionalResult<Response extends StandardSchemaV1> = RouteResult<Response> | void;

/** The types of a route: its path's text, the schema of its body, and what its handler gives. */
export interface RouteTypes {
  readonly path: string;
  readonly body: StandardSchemaV1;
  readonly result: unknown;
}

/** Answers the requests of a route: what it gives is the answer, what it throws too. */
export type ResourceHandler<
  Mode extends RouterMode,
  Client,
  Types extends RouteTypes = RouteTypes,
> = (
  context: ResourceContext<
    Client,
    PathParams<Types["path"]>,
    StandardSchemaV1.InferOutput<Types["body"]>
  >,
) => Returned<Mode, Types["result"]>;

/** A route as it is kept: its types have been seen to when it was added. */
export interface Route {
  readonly body: StandardSchemaV1 | undefined;
  readonly response: StandardSchemaV1 | undefined;
  readonly title: string | undefined;
  readonly unit: string | undefined;
  readonly handle: (context: ResourceContext<never>) => unknown;
}

const GET_OPTION_NAMES: ReadonlySet<string> = new Set(["response", "title", "unit"]);
const OPTION_NAMES: ReadonlySet<string> = new Set(["body", ...GET_OPTION_NAMES]);

const optionalText = (option: string, value: unknown): string | undefined => {
  if (value === undefined || (typeof value === "string" && value.isWellFormed())) return value;
  throw new OptionError(option, value, "a text without half surrogate pairs");
};

/**
 * Reads what a route is added with.
 *
 * @throws {OptionError} an option is unknown or has a value that it cannot have, or the handler is no function.
 */
export const readRoute = (
  method: Method,
  options: RouteOptions,
  handler: Route["handle"],
): Route => {
  const isGet = method === Method.GET;
  refuseUnknownOptions(options, isGet ? GET_OPTION_NAMES : OPTION_NAMES, `a route for ${method}`);
  return {
    body: readSchema(options.body, "body"),
    response: readSchema(options.response, "response"),
    title: optionalText("title", options.title),
    unit: optionalText("unit", options.unit),
    handle: functionValue("handler", handler),
  };
};
