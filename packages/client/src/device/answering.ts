import type { RespondOptions } from "../client/options/call-options.ts";
import { DISCOVERY_PATH } from "../client/resource-description.ts";
import { MethodNotAllowedResponse, NotFoundResponse } from "../errors/error-responses.ts";
import { Method } from "../protocol/method.ts";
import type { RequestPayload } from "../protocol/payload.ts";
import { describeResources } from "./discovery.ts";
import type { FoundRoutes, MountedRoutes, ScopedRoute } from "./mounted-routes.ts";
import { nearPaths } from "./near-paths.ts";
import { readPathPattern } from "./path-pattern.ts";
import type { HandlerTime } from "./request-time.ts";
import type { ResourceAnswer } from "./resource-answer.ts";
import { NO_HEADER } from "./resource-answer.ts";
import type { ResourceContextInit, RouterClient } from "./resource-context.ts";
import { ResourceContext } from "./resource-context.ts";
import { readRoute } from "./route.ts";
import type { FoundRoute } from "./route-table.ts";
import type { RunSteps, Scope, Steps } from "./serving.ts";
import { FailedAnswer, runRoute, serveRequest } from "./serving.ts";

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

const discoveryPattern = readPathPattern(DISCOVERY_PATH);

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
      pattern: discoveryPattern,
      segments: discoveryPattern.segments,
    };
  }

  find(method: Method, path: string): FoundRoutes<Client> {
    if (path !== DISCOVERY_PATH) return this.#options.routes.find(method, path);
    return method === Method.GET ? this.#discovery : { allowed: [Method.GET] };
  }

  /** Answers a request; throws what it is for the client to answer and to tell of. */
  *answer(
    init: ResourceContextInit<Client>,
    found: FoundRoutes<Client>,
    time: HandlerTime,
  ): Steps<unknown> {
    const { client, topic, payload } = init;
    const { driver, scope } = this.#options;
    const { runNext } = driver;
    const context = new ResourceContext(init, init.params, payload.body);
    const isServed = found !== undefined && "route" in found;
    const steps = serveRequest({
      scopes: isServed ? found.route.scopes : [scope],
      end: isServed
        ? (own) => runRoute(found.route.route, init, own)
        : () => this.#notServed(context, found?.allowed),
      runNext,
      context,
    });
    // What the steps give, in the end.
    const answer = (yield driver.runWithin(steps, time)) as ResourceAnswer;
    if (answer instanceof FailedAnswer) throw answer.error;
    const { code, body, header } = answer;
    const further = header === NO_HEADER ? undefined : header;
    return client.respond(topic, payload, { code, body, header: further });
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
