import { OptionError } from "../errors/input-errors.ts";
import {
  DURATION_MS,
  functionValue,
  orDefault,
  refuseUnknownOptions,
  wholeNumber,
} from "../options/checks.ts";
import { assertSegment } from "../protocol/topic-name.ts";
import type { Clock } from "../runtime/platform.ts";
import { systemClock } from "../runtime/platform.ts";
import type { ResourceAnswer } from "./resource-answer.ts";
import type { ResourceContext, RouterClient } from "./resource-context.ts";
import type { Returned, RouterMode } from "./route.ts";

/** Lets a request pass, or not: true, false or an answer; what it throws is answered, too. */
export type Authorize<Mode extends RouterMode, Client> = (
  context: ResourceContext<Client>,
) => Returned<Mode, boolean | ResourceAnswer>;

/** Makes the answer to what a handler threw; with undefined, it is answered as without. */
export type OnError<Mode extends RouterMode, Client> = (
  error: unknown,
  context: ResourceContext<Client>,
) => Returned<Mode, ResourceAnswer | undefined>;

/** Answers requests for paths that nobody serves. */
export type OnNotFound<Client> = (context: ResourceContext<Client>) => unknown;

/** Stands around the handlers of a router: `next()` goes on and gives the answer, that of an error included. */
export type Middleware<Mode extends RouterMode, Client> = (
  context: ResourceContext<Client>,
  next: () => Mode extends "sync" ? ResourceAnswer : Promise<ResourceAnswer>,
) => unknown;

/** Options of a router for either client. */
export interface RouterOptions<Mode extends RouterMode, Client extends RouterClient> {
  /**
   * The part of the device that it serves.
   * @default any
   */
  readonly subsystem?: string | undefined;
  /**
   * Further devices that it answers for, as gateways do; the client subscribes to their requests.
   * @default none: the client's own identifier alone
   */
  readonly targets?: readonly string[] | undefined;
  /**
   * Asked before every handler. `false` is answered 403, or 401 where the request carries no token.
   * @default none: everybody may
   */
  readonly authorize?: Authorize<Mode, Client> | undefined;
  /**
   * Asked for the answer to what a handler, a schema or `authorize` threw; `undefined` is the usual one. What it
   * answers itself is not logged. Of mounted routers, the innermost is asked first.
   * @default a `ResponseException` is answered with its code and detail, anything else with 500, and logged
   */
  readonly onError?: OnError<Mode, Client> | undefined;
  /**
   * Answers requests for paths that nobody serves.
   * @default 404, with paths that may have been meant
   */
  readonly onNotFound?: OnNotFound<Client> | undefined;
}

/** Options of a router whose handlers may be asynchronous. */
export interface AsyncRouterOptions<Client extends RouterClient> extends RouterOptions<
  "async",
  Client
> {
  /**
   * How long a handler may take, in ms; then 504 is answered and the context's `signal` aborts. `Infinity`: any time.
   * @default 30000
   */
  readonly handlerTimeoutMs?: number | undefined;
  /**
   * What time is told by.
   * @default the runtime's clock
   */
  readonly clock?: Clock | undefined;
}

/** The options once checked. */
export interface RouterSettings<Mode extends RouterMode, Client extends RouterClient> extends Pick<
  RouterOptions<Mode, Client>,
  "subsystem" | "authorize" | "onError" | "onNotFound"
> {
  readonly targets: ReadonlySet<string>;
  readonly handlerTimeoutMs: number;
  readonly clock: Clock;
}

const COMMON_NAMES = ["subsystem", "targets", "authorize", "onError", "onNotFound"];
const OPTION_NAMES: Readonly<Record<RouterMode, ReadonlySet<string>>> = {
  sync: new Set(COMMON_NAMES),
  async: new Set([...COMMON_NAMES, "handlerTimeoutMs", "clock"]),
};
const DEFAULT_TIMEOUT_MS = 30_000;

const readTargets = (targets: unknown): ReadonlySet<string> => {
  if (targets === undefined) return new Set();
  if (!Array.isArray(targets)) throw new OptionError("targets", targets, "a list of identifiers");
  const names: readonly unknown[] = targets;
  for (const name of names) assertSegment(name, "targets");
  return new Set(names as readonly string[]);
};

const readTimeout = (timeoutMs: unknown): number =>
  timeoutMs === Infinity ? Infinity : wholeNumber("handlerTimeoutMs", timeoutMs, DURATION_MS);

/**
 * Reads the options of a router.
 *
 * @throws {OptionError} an option is unknown or has a value that it cannot have.
 * @throws {TopicError} `subsystem` or one of `targets` is no topic segment.
 */
export const readRouterSettings = <Mode extends RouterMode, Client extends RouterClient>(
  mode: Mode,
  options: RouterOptions<Mode, Client> &
    Pick<AsyncRouterOptions<Client>, "handlerTimeoutMs" | "clock">,
): RouterSettings<Mode, Client> => {
  refuseUnknownOptions(options, OPTION_NAMES[mode], "a router");
  const { subsystem, authorize, onError, onNotFound } = options;
  if (subsystem !== undefined) assertSegment(subsystem, "subsystem");
  for (const [name, value] of Object.entries({ authorize, onError, onNotFound })) {
    if (value !== undefined) functionValue(name, value);
  }
  return {
    subsystem,
    authorize,
    onError,
    onNotFound,
    targets: readTargets(options.targets),
    // Nothing can end a plain function.
    handlerTimeoutMs:
      mode === "sync"
        ? Infinity
        : readTimeout(orDefault(options.handlerTimeoutMs, DEFAULT_TIMEOUT_MS)),
    clock: orDefault(options.clock, systemClock),
  };
};
