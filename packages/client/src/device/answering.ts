import type { RespondOptions } from "../client/options/call-options.ts";
import { DISCOVERY_PATH } from "../client/resource-description.ts";
import { MethodNotAllowedResponse, NotFoundResponse } from "../errors/error-responses.ts";
import { isThenable } from "../handlers/chain.ts";
import { Method } from "../protocol/method.ts";
import type { RequestPayload } from "../protocol/payload.ts";
import { describeResources } from "./discovery.ts";
import type { FoundRoutes, MountedRoutes, ScopedRoute } from "./mounted-routes.ts";
import { nearPaths } from "./near-paths.ts";
import { NO_PARAMS } from "./path-pattern.ts";
import type { HandlerTime } from "./request-time.ts";
import type { ResourceAnswer } from "./resource-answer.ts";
import { NO_HEADER } from "./resource-answer.ts";
import type { ResourceContextInit, RouterClient } from "./resource-context.ts";
import { ResourceContext } from "./resource-context.ts";
import type { Route } from "./route.ts";
import { readRoute } from "./route.ts";
import type { FoundRoute } from "./route-table.ts";
import type { RunSteps, Scope, ServedRequest, Steps } from "./serving.ts";
import { FailedAnswer, runRoute, serveRequest, toAnswer } from "./serving.ts";

/** What a router needs of the client that it is added to. */
export interface RespondingClient extends RouterClient {
  /** The groups of devices that the client is in. */
  readonly groups?: readonly string[];
  respond(requestTopic: string, request: RequestPayload, options?: RespondOptions): unknown;
}

/** What becomes of steps that may have to be waited for. */
export interface StepsDriver {
  readonly run: RunSteps;
  /** The same for what stands behind a middleware's `next()`. */
  readonly runNext: RunSteps;
  /** The same within the time that a handler has. */
  readonly runWithin: (steps: Steps<ResourceAnswer>, time: HandlerTime) => unknown;
}

/** What {@link Answering} is made of. */
export interface AnsweringOptions<Client> {
  readonly scope: Scope<Client>;
  readonly onNotFound: ((context: ResourceContext<Client>) => unknown) | undefined;
  readonly routes: MountedRoutes<Client>;
  readonly driver: StepsDriver;
}

/** What the steps to an answer are made of. */
interface StepsInit<Client extends RespondingClient> extends Pick<
  ServedRequest<Client>,
  "scopes" | "context" | "end"
> {
  readonly init: ResourceContextInit<Client>;
  readonly time: HandlerTime;
}

/**
 * Whether nothing but the handler has a say in the answer. Then the steps are spared, which are most of what a router costs.
 * Middlewares may be added at any time.
 */
const isBare = <Client>(
  { body, response }: Route,
  [scope, ...mounted]: readonly Scope<Client>[],
): boolean =>
  body === undefined &&
  response === undefined &&
  mounted.length === 0 &&
  scope?.middlewares.length === 0 &&
  scope.authorize === undefined &&
  scope.onError === undefined;

/** What a handler is waited for to give. */
function* given(result: unknown): Steps<unknown> {
  return yield result;
}

const respond = <Client extends RespondingClient>(
  { client, topic, payload }: ResourceContextInit<Client>,
  { code, body, header }: ResourceAnswer,
): unknown => {
  const further = header === NO_HEADER ? undefined : header;
  return client.respond(topic, payload, { code, body, header: further });
};

/** Finds what a request asks for, and sends the answer. */
export class Answering<Client extends RespondingClient> {
  readonly #options: AnsweringOptions<Client>;
  readonly #discovery: FoundRoute<ScopedRoute<Client>>;

  constructor(options: AnsweringOptions<Client>) {
    this.#options = options;
    const { routes, scope } = options;
    const route = readRoute(Method.GET, {}, ({ query }) =>
      describeResources(routes.resources, query),
    );
    this.#discovery = {
      route: { route, scopes: [scope], handlerTimeoutMs: Infinity },
      params: NO_PARAMS,
    };
  }

  find(method: Method, path: string): FoundRoutes<Client> {
    if (path !== DISCOVERY_PATH) return this.#options.routes.find(method, path);
    return method === Method.GET ? this.#discovery : { allowed: [Method.GET] };
  }

  /** Answers a request; throws what it is for the client to answer and to tell of. */
  answer(
    init: ResourceContextInit<Client>,
    found: FoundRoutes<Client>,
    time: HandlerTime,
  ): unknown {
    const { driver, scope } = this.#options;
    const context = new ResourceContext(init, init.params, init.payload.body);
    if (found === undefined || !("route" in found)) {
      const end = (): Steps<unknown> => this.#notServed(context, found?.allowed);
      return driver.run(this.#steps({ init, context, scopes: [scope], end, time }));
    }
    const { route, scopes } = found.route;
    if (!isBare(route, scopes)) {
      const end = (own: ResourceContext<Client>): Steps<unknown> => runRoute(route, init, own);
      return driver.run(this.#steps({ init, context, scopes, end, time }));
    }
    // Nothing stands around the handler: what it gives at once is answered at once.
    const result: unknown = route.handle(context as ResourceContext<never>);
    if (!isThenable(result)) return respond(init, toAnswer(context.method, result));
    return driver.run(this.#steps({ init, context, scopes, end: () => given(result), time }));
  }

  *#steps({ init, context, scopes, end, time }: StepsInit<Client>): Steps<unknown> {
    const { runNext, runWithin } = this.#options.driver;
    const steps = serveRequest({ scopes, end, runNext, context });
    // What the steps give, in the end.
    const answer = (yield runWithin(steps, time)) as ResourceAnswer;
    if (answer instanceof FailedAnswer) throw answer.error;
    return respond(init, answer);
  }

  *#notServed(
    context: ResourceContext<Client>,
    allowed: readonly Method[] | undefined,
  ): Steps<unknown> {
    const { method, path } = context;
    if (allowed !== undefined) {
      throw new MethodNotAllowedResponse(`${path} takes ${allowed.join(", ")}, not ${method}`);
    }
    const { onNotFound, routes } = this.#options;
    if (onNotFound !== undefined) return yield onNotFound(context);
    const near = nearPaths(
      path,
      Array.from(routes.resources, ({ pattern }) => pattern.text),
    );
    const meant = near.length === 0 ? "" : `; there is ${near.join(", ")}`;
    throw new NotFoundResponse(`there is no ${path === "" ? "root" : path}${meant}`);
  }
}
