import type { StandardSchemaV1 } from "@standard-schema/spec";

import { OptionError } from "../../errors/input-errors.ts";
import type { ResponsePayload } from "../../errors/response-payload.ts";
import { orDefault, refuseUnknownOptions, signalValue, wholeNumber } from "../../options/checks.ts";
import { assertSegment } from "../../protocol/topic-name.ts";
import { readSchema } from "./body-schema.ts";
import type { RequestOptions } from "./call-options.ts";
import { REQUEST_OPTION_NAMES } from "./call-options.ts";

/** The group that every device with presence is in. */
export const EVERYBODY = "all";

/** What is asked of many devices, and how. */
interface ManyOptions<Schema extends StandardSchemaV1> extends Omit<
  RequestOptions<Schema>,
  "targetDeviceTag" | "retry"
> {
  /**
   * Ends after so many answers.
   * @default no limit
   */
  readonly maxResponses?: number | undefined;
}

/** A request to all devices of a group. */
export interface GroupRequestOptions<
  Schema extends StandardSchemaV1 = StandardSchemaV1,
> extends ManyOptions<Schema> {
  /** Devices with this name in their option `groups`; those with `presence` are in `all`. */
  readonly group: string;
}

/** The same request to each of several devices. */
export interface TargetsRequestOptions<
  Schema extends StandardSchemaV1 = StandardSchemaV1,
> extends ManyOptions<Schema> {
  /** Their identifiers; each is asked once. */
  readonly targets: readonly string[];
  /**
   * How many are asked at a time.
   * @default 64
   */
  readonly maxConcurrent?: number | undefined;
  /**
   * As in `request()`.
   * @default the client's `retry` for GET, PUT and DELETE; POST is sent once
   */
  readonly retry?: RequestOptions["retry"];
}

/** Options of `requestMany()`: a group, or a list of devices. */
export type RequestManyOptions<Schema extends StandardSchemaV1 = StandardSchemaV1> =
  | GroupRequestOptions<Schema>
  | TargetsRequestOptions<Schema>;

/** The answer of one device: a response, or the error that `request()` would have rejected with. */
export type DeviceAnswer<Body = unknown> =
  | {
      /** The identifier of the device. */
      readonly source: string;
      readonly response: ResponsePayload<Body>;
      readonly error?: undefined;
    }
  | { readonly source: string; readonly response?: undefined; readonly error: Error };

/** What a device gave that answered with an error; handlers may throw anything. */
export const failedAnswer = (source: string, thrown: unknown): DeviceAnswer => {
  const error =
    thrown instanceof Error
      ? thrown
      : new Error("a response handler threw something that is no error", { cause: thrown });
  return { source, error };
};

/** The options once checked, but for those that they have in common with `request()`. */
export interface ManyPlan {
  readonly group: string | undefined;
  readonly targets: readonly string[];
  readonly maxResponses: number;
  readonly maxConcurrent: number;
  /** What `request()` takes, less the target. */
  readonly request: Omit<RequestOptions, "targetDeviceTag">;
}

const COMMON_NAMES = [...REQUEST_OPTION_NAMES, "maxResponses"].filter(
  (name) => name !== "targetDeviceTag",
);
const GROUP_OPTION_NAMES: ReadonlySet<string> = new Set([
  ...COMMON_NAMES.filter((name) => name !== "retry"),
  "group",
]);
const TARGETS_OPTION_NAMES: ReadonlySet<string> = new Set([
  ...COMMON_NAMES,
  "targets",
  "maxConcurrent",
]);

const readTargets = (targets: unknown): readonly string[] => {
  if (!Array.isArray(targets)) throw new OptionError("targets", targets, "a list of identifiers");
  const names: readonly unknown[] = targets;
  for (const name of names) assertSegment(name, "targets");
  // Each was checked to be a text above.
  return [...new Set(names as readonly string[])];
};

/**
 * Reads the options of `requestMany()`.
 *
 * @throws {OptionError} an option is unknown or has a value that it cannot have.
 * @throws {TopicError} the group or a target is no topic segment.
 */
export const readManyOptions = (given: GroupRequestOptions | TargetsRequestOptions): ManyPlan => {
  const isGroup = typeof given === "object" && given !== null && "group" in given;
  refuseUnknownOptions(given, isGroup ? GROUP_OPTION_NAMES : TARGETS_OPTION_NAMES, "requestMany()");
  const {
    group,
    targets,
    maxResponses,
    maxConcurrent,
    ...request
  }: Partial<GroupRequestOptions & TargetsRequestOptions> &
    Pick<RequestOptions, "subsystem" | "path"> = given;
  assertSegment(request.subsystem, "subsystem");
  readSchema(request.schema);
  signalValue(request.signal);
  if (isGroup) assertSegment(group, "group");
  return {
    group: isGroup ? group : undefined,
    targets: isGroup ? [] : readTargets(targets),
    maxResponses: wholeNumber("maxResponses", orDefault(maxResponses, Infinity), {
      min: 1,
      max: Infinity,
    }),
    maxConcurrent: wholeNumber("maxConcurrent", orDefault(maxConcurrent, 64), {
      min: 1,
      max: 1_000_000,
    }),
    request,
  };
};
