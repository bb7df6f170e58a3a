import { addRoute, createRouter, findAllRoutes } from "rou3";
import type { RouterContext } from "rou3";

import { OptionError } from "../errors/input-errors.ts";
import type { Method } from "../protocol/method.ts";
import { LruMap } from "../runtime/lru-map.ts";
import type { PathParameters, PathPattern } from "./path-pattern.ts";
import { NO_PARAMS, REST, pathSegments, readParams } from "./path-pattern.ts";

/** What is served at one shape of path. */
export interface RoutedResource<Route> {
  readonly pattern: PathPattern;
  readonly routes: ReadonlyMap<Method, Route>;
}

/** The route for a request. */
export interface FoundRoute<Route> {
  readonly route: Route;
  /** What the parameters of its path stand for. */
  readonly params: PathParameters;
}

/** A resource is there, but it does not take the method. */
export interface OtherMethods {
  /** The methods that it takes. */
  readonly allowed: readonly Method[];
}

interface Entry<Route> extends RoutedResource<Route> {
  readonly routes: Map<Method, Route>;
}

/** What matches a path. */
interface Match<Route> {
  readonly entry: Entry<Route>;
  readonly params: PathParameters;
}

/** Requests ask for the same paths again and again: so many are remembered, if they are no longer than this. */
const MOST_REMEMBERED = 512;
const LONGEST_REMEMBERED = 256;

const NOT_PLAIN = /[^A-Za-z\d]/g;
const ANY_METHOD = "";

/**
 * A segment in letters and digits alone, each its own: rou3 has a syntax of its own within segments, and
 * percent-encodes the literals of a route but not those of a path.
 */
const plain = (segment: string): string =>
  segment.replace(NOT_PLAIN, (char) => `_${char.charCodeAt(0).toString(16)}_`);

/** A pattern in rou3's words; a trailing `*` of its would take any number of segments. */
const toRou3 = ({ segments }: PathPattern): string =>
  segments
    .map((segment, at) => {
      if (segment === REST) return `/${REST}`;
      return segment === "*" || segment.startsWith(":") ? `/:p${String(at)}` : `/${plain(segment)}`;
    })
    .join("");

/** Which resource answers which path: literal paths by a map, all others by a radix tree. */
export class RouteTable<Route> {
  readonly #byShape = new Map<string, Entry<Route>>();
  readonly #tree: RouterContext<Entry<Route>> = createRouter();
  #hasPatterns = false;
  /** By path, the most specific first. */
  #matches = new LruMap<string, readonly Match<Route>[]>(MOST_REMEMBERED);

  /** In the order they were added. */
  get resources(): Iterable<RoutedResource<Route>> {
    return this.#byShape.values();
  }

  /** @throws {OptionError} something else is served there with this method. */
  assertFree(method: Method, { shape, text }: PathPattern): void {
    const taken = this.#byShape.get(shape);
    if (taken?.routes.has(method) !== true) return;
    const other = taken.pattern.text;
    const whose = other === text ? "it" : `the same paths, as ${JSON.stringify(other)},`;
    throw new OptionError(
      "path",
      text,
      `a path without ${method} so far; ${whose} has one already`,
    );
  }

  /** Adds what {@link RouteTable.assertFree} has let pass. */
  add(method: Method, pattern: PathPattern, route: Route): void {
    const entry = this.#byShape.get(pattern.shape) ?? this.#createEntry(pattern);
    entry.routes.set(method, route);
    this.#matches = new LruMap(MOST_REMEMBERED);
  }

  #createEntry(pattern: PathPattern): Entry<Route> {
    const entry: Entry<Route> = { pattern, routes: new Map() };
    this.#byShape.set(pattern.shape, entry);
    if (!pattern.isLiteral) {
      addRoute(this.#tree, ANY_METHOD, toRou3(pattern), entry);
      this.#hasPatterns = true;
    }
    return entry;
  }

  /**
   * The route for a request, the most specific one; undefined: nothing is served there.
   *
   * @param path - without a leading slash.
   */
  find(method: Method, path: string): FoundRoute<Route> | OtherMethods | undefined {
    const entry = this.#byShape.get(path);
    const own = entry?.pattern.isLiteral === true ? entry : undefined;
    const route = own?.routes.get(method);
    if (route !== undefined) return { route, params: NO_PARAMS };
    const matches = this.#match(path);
    for (const { entry: other, params } of matches) {
      const match = other.routes.get(method);
      if (match !== undefined) return { route: match, params };
    }
    const others = matches.map((match) => match.entry);
    const matching = own === undefined ? others : [own, ...others];
    if (matching.length === 0) return undefined;
    return { allowed: [...new Set(matching.flatMap(({ routes }) => [...routes.keys()]))] };
  }

  #match(path: string): readonly Match<Route>[] {
    const known = this.#matches.get(path);
    if (known !== undefined) return known;
    const matches = this.#search(pathSegments(path));
    if (path.length <= LONGEST_REMEMBERED) this.#matches.set(path, matches);
    return matches;
  }

  #search(segments: readonly string[]): readonly Match<Route>[] {
    if (!this.#hasPatterns || segments.includes("")) return [];
    const path = segments.map((segment) => `/${plain(segment)}`).join("");
    // The least specific comes first there.
    return findAllRoutes(this.#tree, ANY_METHOD, path, { params: false })
      .map(({ data: entry }) => ({ entry, params: readParams(entry.pattern, segments) }))
      .toReversed();
  }
}
