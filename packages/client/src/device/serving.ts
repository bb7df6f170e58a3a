import type { StandardSchemaV1 } from "@standard-schema/spec";

import { acceptVerdict } from "../client/options/body-schema.ts";
import {
  BadRequestResponse,
  ForbiddenResponse,
  UnauthorizedResponse,
} from "../errors/error-responses.ts";
import { OptionError, PayloadValidationError } from "../errors/input-errors.ts";
import { ResponseCode, isResponseCode, isSuccess } from "../errors/response-code.ts";
import { ResponseException } from "../errors/response-exception.ts";
import type { Method } from "../protocol/method.ts";
import { ResourceAnswer } from "./resource-answer.ts";
import { ResourceContext } from "./resource-context.ts";
import type { ResourceContextInit, RouterClient } from "./resource-context.ts";
import type { Route } from "./route.ts";

/** Steps that stop wherever a user's function may have given a promise, and go on with what that came to. */
export type Steps<Outcome> = Generator<unknown, Outcome, unknown>;

/** Takes steps to their end: a promise where they may be waited for. */
export type RunSteps = <Outcome>(steps: Steps<Outcome>) => unknown;

/** What the answer of a request that went wrong was made of. */
export class FailedAnswer extends ResourceAnswer {
  /** What was thrown. */
  readonly error: unknown;

  constructor(code: ResponseCode, body: unknown, error: unknown) {
    super(code, body);
    this.error = error;
  }
}

type AnyContext<Client> = ResourceContext<Client>;

/** What one router does with all requests that pass it. */
export interface Scope<Client> {
  readonly middlewares: readonly ((context: AnyContext<Client>, next: () => unknown) => unknown)[];
  readonly authorize: ((context: AnyContext<Client>) => unknown) | undefined;
  readonly onError: ((error: unknown, context: AnyContext<Client>) => unknown) | undefined;
}

/** A request with all that is needed to answer it. */
export interface ServedRequest<Client extends RouterClient> {
  /** Those of the routers that it passes, the outermost first. */
  readonly scopes: readonly Scope<Client>[];
  /** Gives the answer, when all scopes have let the request pass. */
  readonly end: (context: AnyContext<Client>) => Steps<unknown>;
  readonly runNext: RunSteps;
  readonly context: AnyContext<Client>;
}

const DEFAULT_CODES: Readonly<Record<Method, ResponseCode>> = {
  GET: ResponseCode.CONTENT,
  POST: ResponseCode.CHANGED,
  PUT: ResponseCode.CHANGED,
  DELETE: ResponseCode.DELETED,
};

const INTERNAL = "internal server error";

/** The answer that a handler's result makes. */
export const toAnswer = (method: Method, result: unknown): ResourceAnswer =>
  result instanceof ResourceAnswer ? result : new ResourceAnswer(DEFAULT_CODES[method], result);

const failed = (error: unknown): FailedAnswer =>
  error instanceof ResponseException && isResponseCode(error.responseCode)
    ? new FailedAnswer(error.responseCode, error.detail, error)
    : new FailedAnswer(ResponseCode.INTERNAL_SERVER_ERROR, INTERNAL, error);

function* checked(schema: StandardSchemaV1, value: unknown, subject: string): Steps<unknown> {
  const verdict = (yield schema["~standard"].validate(value)) as StandardSchemaV1.Result<unknown>;
  return acceptVerdict(verdict, subject);
}

const issuesText = ({ issues }: PayloadValidationError): string =>
  issues.map(({ path, message }) => `${path}: ${message}`).join("; ");

function* requestBody(schema: StandardSchemaV1, body: unknown): Steps<unknown> {
  try {
    return yield* checked(schema, body, "request");
  } catch (error) {
    if (!(error instanceof PayloadValidationError)) throw error;
    throw new BadRequestResponse(issuesText(error), { cause: error });
  }
}

/** Runs a route's handler: what goes in and what comes out has been checked. */
export function* runRoute<Client extends RouterClient>(
  route: Route,
  init: ResourceContextInit<Client>,
  context: AnyContext<Client>,
): Steps<ResourceAnswer> {
  const { method } = init.payload.header;
  const own =
    route.body === undefined
      ? context
      : new ResourceContext(init, init.params, yield* requestBody(route.body, context.body));
  // A route's handler takes the context of its own path and body.
  const answer = toAnswer(method, yield route.handle(own as ResourceContext<never>));
  const { code, header } = answer;
  const isChecked = isSuccess(code) && (code === ResponseCode.CONTENT || answer.body !== undefined);
  if (route.response === undefined || !isChecked) return answer;
  const subject = `response of ${method} ${init.path}`;
  return new ResourceAnswer(code, yield* checked(route.response, answer.body, subject), header);
}

/** What a scope's `authorize` says to a request. */
function* authorized<Client extends RouterClient>(
  authorize: (context: AnyContext<Client>) => unknown,
  context: AnyContext<Client>,
): Steps<ResourceAnswer | undefined> {
  const verdict = yield authorize(context);
  if (verdict instanceof ResourceAnswer) return verdict;
  if (verdict === true) return undefined;
  if (verdict !== false) {
    throw new OptionError("what authorize() gives", verdict, "true, false or an answer");
  }
  if (context.token === undefined) throw new UnauthorizedResponse("a token is needed");
  throw new ForbiddenResponse("not with this token");
}

/** Asks a router's `onError` for the answer to what went wrong, if it has one. */
function* recovered<Client extends RouterClient>(
  scope: Scope<Client> | undefined,
  error: unknown,
  context: AnyContext<Client>,
): Steps<ResourceAnswer> {
  if (scope?.onError === undefined) return failed(error);
  try {
    const result = yield scope.onError(error, context);
    return result instanceof ResourceAnswer ? result : failed(error);
  } catch (worse) {
    return failed(worse);
  }
}

/** What a middleware gives, and what stands behind its `next()`. */
function* around<Client extends RouterClient>(
  request: ServedRequest<Client>,
  ...[depth, at]: readonly [depth: number, at: number]
): Steps<ResourceAnswer> {
  const { scopes, context, runNext } = request;
  const middleware = scopes[depth]?.middlewares[at];
  let inner: unknown;
  const next = (): unknown => {
    if (inner !== undefined) {
      throw new OptionError("middleware", middleware, "one that calls next() once");
    }
    inner = runNext(pass(request, depth, at + 1));
    return inner;
  };
  const result = yield middleware?.(context, next);
  if (result !== undefined) return toAnswer(context.method, result);
  if (inner !== undefined) return (yield inner) as ResourceAnswer;
  throw new OptionError("what a middleware gives", result, "an answer, or a call of next()");
}

/** What stands within a router's middlewares: its `authorize`, then the routers mounted on it, then the end. */
function* within<Client extends RouterClient>(
  request: ServedRequest<Client>,
  depth: number,
): Steps<ResourceAnswer> {
  const { scopes, context, end } = request;
  const scope = scopes[depth];
  if (scope?.authorize !== undefined) {
    const refusal = yield* authorized(scope.authorize, context);
    if (refusal !== undefined) return refusal;
  }
  if (depth + 1 === scopes.length) return toAnswer(context.method, yield* end(context));
  const given = yield* pass(request, depth + 1, 0);
  // What a mounted router has no answer of its own to, is asked of the one around it.
  if (given instanceof FailedAnswer) throw given.error;
  return given;
}

/** Lets a request pass a router, from one of its middlewares on. Never throws. */
function* pass<Client extends RouterClient>(
  request: ServedRequest<Client>,
  ...[depth, at]: readonly [depth: number, at: number]
): Steps<ResourceAnswer> {
  try {
    const isWithin = at === request.scopes[depth]?.middlewares.length;
    return yield* isWithin ? within(request, depth) : around(request, depth, at);
  } catch (error) {
    return yield* recovered(request.scopes[depth], error, request.context);
  }
}

/**
 * The answer to a request: never throws. Each router's middlewares stand around its `authorize`, and these
 * around those of the routers that are mounted on it.
 */
export const serveRequest = <Client extends RouterClient>(
  request: ServedRequest<Client>,
): Steps<ResourceAnswer> => pass(request, 0, 0);
