import { OptionError } from "../errors/input-errors.ts";

type ParamName<Segment extends string> = Segment extends `:${infer Name}`
  ? Name
  : Segment extends "**"
    ? "**"
    : never;

type ParamNames<Path extends string> = Path extends `${infer Segment}/${infer Rest}`
  ? ParamName<Segment> | ParamNames<Rest>
  : ParamName<Path>;

/**
 * What the parameters of a path's text come out as: `"captures/:id"` gives `{ id: string }`; what `**`
 * stands for is under that name. A path that is not known as text gives any names.
 */
export type PathParams<Path extends string> = string extends Path
  ? Readonly<Record<string, string>>
  : { readonly [Name in ParamNames<Path>]: string };

/** The path of a route, taken apart. */
export interface PathPattern {
  /** As in discovery, without a leading slash. */
  readonly text: string;
  readonly segments: readonly string[];
  /** No parameters, no wildcards: it stands for one path alone. */
  readonly isLiteral: boolean;
  /** The parameters by the place of their segment; `**` takes it and all after it. */
  readonly params: readonly { readonly name: string; readonly at: number }[];
  /** The same for all paths that match the same: parameters have no names in it. */
  readonly shape: string;
}

const NAME = /^[A-Za-z_]\w*$/;
/** Stands for the segments that remain. */
export const REST = "**";

const refuse = (path: unknown, expected: string): OptionError =>
  new OptionError("path", path, expected);

/** The same path, however it is written: a leading slash says nothing. */
const withoutLeadingSlash = (path: string): string => (path.startsWith("/") ? path.slice(1) : path);

/** @param path - without a leading slash. */
export const pathSegments = (path: string): readonly string[] =>
  path === "" ? [] : path.split("/");

const checkSegment = (path: string, segment: string, isLast: boolean): void => {
  if (segment === "" || segment === "." || segment === "..") {
    throw refuse(path, "segments that are neither empty nor . or ..");
  }
  if (segment.startsWith(":") && !NAME.test(segment.slice(1))) {
    throw refuse(
      path,
      `a name of letters, digits and _ after the colon, as in :id; not ${segment}`,
    );
  }
  if (segment === REST && !isLast)
    throw refuse(path, "** at its end only: it takes all that remains");
  if (segment.includes("*") && segment !== "*" && segment !== REST) {
    throw refuse(path, `* and ** as whole segments; not ${segment}`);
  }
};

/**
 * Reads the path of a route: segments, `:name` for any one, `*` for any one without a name, `**` at the end
 * for all that remain.
 *
 * @throws {OptionError} it is no path, a parameter stands twice, or `**` is not at the end.
 */
export const readPathPattern = (path: unknown): PathPattern => {
  if (typeof path !== "string") throw refuse(path, "a text, as in captures/:id");
  if (!path.isWellFormed()) throw refuse(path, "a text without half surrogate pairs");
  if (path.includes("?")) throw refuse(path, "no question mark: a query is no part of a path");
  const text = withoutLeadingSlash(path);
  const segments = pathSegments(text);
  const params: { name: string; at: number }[] = [];
  for (const [at, segment] of segments.entries()) {
    checkSegment(path, segment, at === segments.length - 1);
    const name = segment.startsWith(":") ? segment.slice(1) : segment === REST ? REST : undefined;
    if (name === undefined) continue;
    if (params.some((param) => param.name === name)) {
      throw refuse(path, `every parameter once; :${name} stands twice`);
    }
    params.push({ name, at });
  }
  const shape = segments.map((segment) => (segment.startsWith(":") ? "*" : segment)).join("/");
  const isLiteral = !segments.some((segment) => segment === "*") && params.length === 0;
  return { text, segments, isLiteral, params, shape };
};

/** What the parameters of a path stand for. Requests for the same path share them, so they cannot be changed. */
export type PathParameters = Readonly<Record<string, string>>;

/** Those of a path without any. */
export const NO_PARAMS: PathParameters = Object.freeze(
  Object.create(null) as Record<string, string>,
);

/** What the parameters stand for in a path that matches. */
export const readParams = (
  { params }: PathPattern,
  segments: readonly string[],
): PathParameters => {
  // Without a prototype: a parameter may have any name.
  const values = Object.create(null) as Record<string, string>;
  for (const { name, at } of params) {
    values[name] = name === REST ? segments.slice(at).join("/") : (segments[at] ?? "");
  }
  return Object.freeze(values);
};

/** The path that a request asks for, without a leading slash, and the query behind it. */
export interface RequestPath {
  readonly path: string;
  readonly queryText: string;
}

export const readRequestPath = (path: string): RequestPath => {
  const at = path.indexOf("?");
  if (at === -1) return { path: withoutLeadingSlash(path), queryText: "" };
  return { path: withoutLeadingSlash(path.slice(0, at)), queryText: path.slice(at + 1) };
};
