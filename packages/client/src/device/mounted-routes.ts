import { DISCOVERY_PATH } from "../client/resource-description.ts";
import { OptionError } from "../errors/input-errors.ts";
import type { Method } from "../protocol/method.ts";
import type { PathPattern } from "./path-pattern.ts";
import { readPathPattern } from "./path-pattern.ts";
import type { Route } from "./route.ts";
import type { FoundRoute, OtherMethods, RoutedResource } from "./route-table.ts";
import { RouteTable } from "./route-table.ts";
import type { Scope } from "./serving.ts";

/** A route with the routers that a request passes on its way to it, the outermost first. */
export interface ScopedRoute<Client> {
  readonly route: Route;
  readonly scopes: readonly Scope<Client>[];
  /** Of the router that the route was added to. */
  readonly handlerTimeoutMs: number;
}

/** What is served for a method and a path. */
export type FoundRoutes<Client> = FoundRoute<ScopedRoute<Client>> | OtherMethods | undefined;

interface Mounting<Client> {
  readonly prefix: PathPattern;
  readonly on: MountedRoutes<Client>;
}

interface Addition<Client> {
  readonly method: Method;
  readonly pattern: PathPattern;
  readonly route: ScopedRoute<Client>;
}

const joined = (prefix: PathPattern, { text }: PathPattern): PathPattern =>
  readPathPattern(text === "" ? prefix.text : `${prefix.text}/${text}`);

/** The routes of a router, those of the routers mounted on it included: each knows where it is mounted, and adds there, too. */
export class MountedRoutes<Client> {
  readonly #scope: Scope<Client>;
  readonly #table = new RouteTable<ScopedRoute<Client>>();
  readonly #mountings: Mounting<Client>[] = [];

  constructor(scope: Scope<Client>) {
    this.#scope = scope;
  }

  /** In the order they were added. */
  get resources(): Iterable<RoutedResource<ScopedRoute<Client>>> {
    return this.#table.resources;
  }

  find(method: Method, path: string): FoundRoutes<Client> {
    return this.#table.find(method, path);
  }

  /** @throws {OptionError} the path is taken, here or where this is mounted. */
  add(method: Method, pattern: PathPattern, route: Omit<ScopedRoute<Client>, "scopes">): void {
    this.#assertFree(method, pattern);
    this.#install({ method, pattern, route: { ...route, scopes: [this.#scope] } });
  }

  /**
   * Serves the routes of another router below a path.
   *
   * @throws {OptionError} the other contains this one, or one of its paths is taken.
   */
  mount(prefix: PathPattern, other: MountedRoutes<Client>): void {
    if (this.#isWithin(other)) {
      throw new OptionError("router", other, "a router that does not contain this one");
    }
    if (other.#mountings.some(({ on, prefix: { text } }) => on === this && text === prefix.text)) {
      throw new OptionError("prefix", prefix.text, "another path: the router is mounted there");
    }
    const additions = [...other.resources].flatMap(({ pattern, routes }) =>
      Array.from(routes, ([method, route]) => ({ method, pattern, route })),
    );
    for (const { method, pattern } of additions) this.#assertFree(method, joined(prefix, pattern));
    other.#mountings.push({ prefix, on: this });
    for (const addition of additions) this.#installBelow(prefix, addition);
  }

  /** Whether these are the routes of another router, or mounted on them. */
  #isWithin(other: MountedRoutes<Client>): boolean {
    return this === other || this.#mountings.some(({ on }) => on.#isWithin(other));
  }

  #assertFree(method: Method, pattern: PathPattern): void {
    if (pattern.text === DISCOVERY_PATH) {
      const expected = "another path: routers answer discovery themselves";
      throw new OptionError("path", pattern.text, expected);
    }
    this.#table.assertFree(method, pattern);
    for (const { prefix, on } of this.#mountings) on.#assertFree(method, joined(prefix, pattern));
  }

  #install(addition: Addition<Client>): void {
    const { method, pattern, route } = addition;
    this.#table.add(method, pattern, route);
    for (const { prefix, on } of this.#mountings) on.#installBelow(prefix, addition);
  }

  #installBelow(prefix: PathPattern, { method, pattern, route }: Addition<Client>): void {
    const scopes = [this.#scope, ...route.scopes];
    this.#install({ method, pattern: joined(prefix, pattern), route: { ...route, scopes } });
  }
}
