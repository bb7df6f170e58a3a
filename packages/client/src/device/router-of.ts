import type { StandardSchemaV1 } from "@standard-schema/spec";

import { OptionError } from "../errors/input-errors.ts";
import type {
  AnyHandlerResult,
  ArrivedMessage,
  MessageHandlerOf,
} from "../handlers/message-handler.ts";
import { functionValue } from "../options/checks.ts";
import { Method } from "../protocol/method.ts";
import { isRequestOn } from "../protocol/payload-kind.ts";
import type { Payload } from "../protocol/payload.ts";
import type { RespondingClient, StepsDriver } from "./answering.ts";
import { Answering } from "./answering.ts";
import { MountedRoutes } from "./mounted-routes.ts";
import { NO_PARAMS, readPathPattern, readRequestPath } from "./path-pattern.ts";
import { HandlerTime } from "./request-time.ts";
import { RequestTopics } from "./request-topics.ts";
import type {
  OptionalResult,
  ResourceHandler,
  Route,
  RouteOptions,
  RouteResult,
  RouterMode,
} from "./route.ts";
import { readRoute } from "./route.ts";
import type { Middleware, RouterSettings } from "./router-options.ts";
import type { Scope } from "./serving.ts";

/** What {@link ResourceRouterOf} is made of. */
export interface RouterInit<Mode extends RouterMode, Client extends RespondingClient> {
  readonly settings: RouterSettings<Mode, Client>;
  readonly driver: StepsDriver;
}

type AnyHandler = Route["handle"];

/**
 * What the routers of both clients have in common: everything but how they wait.
 * @example
 * const router: ResourceRouterOf<"async", MQTTClient> = new ResourceRouter();
 */
export class ResourceRouterOf<
  Mode extends RouterMode,
  Client extends RespondingClient,
> implements MessageHandlerOf<Client> {
  /** The part of the device that it serves; undefined: any. */
  readonly subsystem: string | undefined;
  /** What it has answered, no handler after it sees. */
  readonly propagate = false;
  readonly #settings: RouterSettings<Mode, Client>;
  readonly #driver: StepsDriver;
  readonly #middlewares: Middleware<Mode, Client>[] = [];
  readonly #routes: MountedRoutes<Client>;
  readonly #answering: Answering<Client>;
  readonly #topics: RequestTopics;

  constructor({ settings, driver }: RouterInit<Mode, Client>) {
    const { subsystem, authorize, onError, onNotFound } = settings;
    this.subsystem = subsystem;
    this.#settings = settings;
    this.#topics = new RequestTopics(settings);
    this.#driver = driver;
    // What differs between the modes is whether a function may give a promise, not how it is called.
    const middlewares = this.#middlewares as unknown as Scope<Client>["middlewares"];
    const scope: Scope<Client> = { middlewares, authorize, onError };
    this.#routes = new MountedRoutes(scope);
    this.#answering = new Answering({ scope, onNotFound, routes: this.#routes, driver });
  }

  /**
   * Serves GET: what the handler returns is answered with 205 (RFC 7252 §5.8.1); nothing, as `null`.
   *
   * @param path - `gains`, `captures/:id`, `*` for any segment, `**` at the end for all that remain; a leading
   *   slash says nothing.
   * @throws {OptionError} the path is none or taken, an option is unknown or wrong, or there is no handler.
   * @example
   * ```ts
   * router.get("captures/:id", ({ params }) => captures.get(params.id));
   * ```
   */
  get<Path extends string>(
    path: Path,
    handler: ResourceHandler<Mode, Client, { path: Path; body: StandardSchemaV1; result: unknown }>,
  ): this;
  get<Path extends string, Response extends StandardSchemaV1 = StandardSchemaV1>(
    path: Path,
    options: RouteOptions<never, Response>,
    handler: ResourceHandler<
      Mode,
      Client,
      { path: Path; body: StandardSchemaV1; result: RouteResult<NoInfer<Response>> }
    >,
  ): this;
  get(path: string, options: RouteOptions | AnyHandler, handler?: AnyHandler): this {
    return this.#add(Method.GET, path, options, handler);
  }

  /**
   * Serves POST: answered with 204, or with 201 where the handler returns `created()` (RFC 7252 §5.8.2).
   *
   * @throws {OptionError} as with `get`.
   * @example
   * ```ts
   * router.post("captures", { body: Capture }, async ({ body, signal }) =>
   *   created(`captures/${await start(body, signal)}`),
   * );
   * ```
   */
  post<Path extends string>(
    path: Path,
    handler: ResourceHandler<Mode, Client, { path: Path; body: StandardSchemaV1; result: unknown }>,
  ): this;
  post<
    Path extends string,
    Body extends StandardSchemaV1 = StandardSchemaV1,
    Response extends StandardSchemaV1 = StandardSchemaV1,
  >(
    path: Path,
    options: RouteOptions<Body, Response>,
    handler: ResourceHandler<
      Mode,
      Client,
      { path: Path; body: Body; result: OptionalResult<NoInfer<Response>> }
    >,
  ): this;
  post(path: string, options: RouteOptions | AnyHandler, handler?: AnyHandler): this {
    return this.#add(Method.POST, path, options, handler);
  }

  /**
   * Serves PUT: answered with 204 (RFC 7252 §5.8.3).
   *
   * @throws {OptionError} as with `get`.
   * @example
   * ```ts
   * router.put("gains", { body: Gains }, ({ body }) => {
   *   gains = body;
   * });
   * ```
   */
  put<Path extends string>(
    path: Path,
    handler: ResourceHandler<Mode, Client, { path: Path; body: StandardSchemaV1; result: unknown }>,
  ): this;
  put<
    Path extends string,
    Body extends StandardSchemaV1 = StandardSchemaV1,
    Response extends StandardSchemaV1 = StandardSchemaV1,
  >(
    path: Path,
    options: RouteOptions<Body, Response>,
    handler: ResourceHandler<
      Mode,
      Client,
      { path: Path; body: Body; result: OptionalResult<NoInfer<Response>> }
    >,
  ): this;
  put(path: string, options: RouteOptions | AnyHandler, handler?: AnyHandler): this {
    return this.#add(Method.PUT, path, options, handler);
  }

  /**
   * Serves DELETE: answered with 202 (RFC 7252 §5.8.4).
   *
   * @throws {OptionError} as with `get`.
   * @example
   * ```ts
   * router.delete("captures/:id", ({ params }) => captures.delete(params.id));
   * ```
   */
  delete<Path extends string>(
    path: Path,
    handler: ResourceHandler<Mode, Client, { path: Path; body: StandardSchemaV1; result: unknown }>,
  ): this;
  delete<
    Path extends string,
    Body extends StandardSchemaV1 = StandardSchemaV1,
    Response extends StandardSchemaV1 = StandardSchemaV1,
  >(
    path: Path,
    options: RouteOptions<Body, Response>,
    handler: ResourceHandler<
      Mode,
      Client,
      { path: Path; body: Body; result: OptionalResult<NoInfer<Response>> }
    >,
  ): this;
  delete(path: string, options: RouteOptions | AnyHandler, handler?: AnyHandler): this {
    return this.#add(Method.DELETE, path, options, handler);
  }

  /**
   * Adds a middleware around the handlers of this router and of those mounted on it, whenever they are added.
   * It sees requests that nobody serves, too. `next()` is called once and never fails: an error comes as its answer.
   *
   * @throws {OptionError} it is no function.
   * @example
   * ```ts
   * router.use(async (context, next) => {
   *   const answer = await next();
   *   console.log(context.path, answer.code);
   *   return answer;
   * });
   * ```
   */
  use(middleware: Middleware<Mode, Client>): this {
    this.#middlewares.push(functionValue("middleware", middleware));
    return this;
  }

  /**
   * Serves the routes of another router below a path, those that it gets later included.
   *
   * @throws {OptionError} the prefix is no plain path, the other is no router of this kind, has options that
   *   would not count there (`targets`, `onNotFound`, another `subsystem`), contains this one, or serves a path
   *   that this one serves.
   * @example
   * ```ts
   * router.mount("adc", adcRouter); // its "gains" is "adc/gains" here
   * ```
   */
  mount(prefix: string, router: ResourceRouterOf<Mode, Client>): this {
    const pattern = readPathPattern(prefix);
    if (!pattern.isLiteral || pattern.text === "") {
      throw new OptionError("prefix", prefix, "a path without parameters and wildcards, as in adc");
    }
    const refuse = (expected: string): OptionError => new OptionError("router", router, expected);
    if (!(router instanceof ResourceRouterOf) || router.#driver !== this.#driver) {
      throw refuse("a router of the same kind");
    }
    const { targets, onNotFound, subsystem } = router.#settings;
    if (targets.size > 0)
      throw refuse("a router without targets: those of the outermost one count");
    if (onNotFound !== undefined)
      throw refuse("a router without onNotFound: the outermost one is asked");
    if (subsystem !== undefined && subsystem !== this.subsystem) {
      throw refuse("a router without a subsystem, or of the same one");
    }
    this.#routes.mount(pattern, router.#routes);
    return this;
  }

  #add(
    method: Method,
    path: string,
    ...[given, handler]: readonly [RouteOptions | AnyHandler, AnyHandler | undefined]
  ): this {
    const pattern = readPathPattern(path);
    // What stands alone and is no object is meant to be the handler; what is wrong with it is said there.
    const isAlone = handler === undefined && (typeof given !== "object" || given === null);
    const options = isAlone || given === undefined ? {} : given;
    const route = readRoute(
      method,
      options as RouteOptions,
      (isAlone ? given : handler) as AnyHandler,
    );
    const { handlerTimeoutMs } = this.#settings;
    this.#routes.add(method, pattern, { route, handlerTimeoutMs });
    return this;
  }

  /**
   * Whether a message is a request that this router answers.
   * @example router.canHandle(client, topic, payload);
   */
  canHandle(client: Client, topic: string, payload: Payload): boolean {
    return isRequestOn(topic, payload) && this.#topics.addresseeOf(client, topic) !== undefined;
  }

  /**
   * Answers a request; called by the client.
   * @example await router.handle(client, topic, request);
   */
  handle(client: Client, topic: string, ...[payload, arrival]: ArrivedMessage): AnyHandlerResult {
    if (!isRequestOn(topic, payload)) return undefined;
    const { path, queryText } = readRequestPath(payload.header.path);
    const found = this.#answering.find(payload.header.method, path);
    const isServed = found !== undefined && "route" in found;
    // Of a group, only those answer who have what is asked for.
    if (!isServed && this.#topics.addresseeOf(client, topic) === "group") return undefined;
    const { clock, handlerTimeoutMs } = this.#settings;
    const timeoutMs = isServed ? found.route.handlerTimeoutMs : handlerTimeoutMs;
    const time = new HandlerTime(clock, Math.min(timeoutMs, arrival?.remainingMs ?? Infinity));
    const subsystem = this.#topics.subsystemOf(topic);
    const params = isServed ? found.params : NO_PARAMS;
    const init = { client, topic, subsystem, payload, path, queryText, params, time };
    // The steps give nothing, or a promise of that.
    return this.#answering.answer(init, found, time) as AnyHandlerResult;
  }
}
