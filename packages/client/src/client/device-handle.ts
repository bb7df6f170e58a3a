import type { StandardSchemaV1 } from "@standard-schema/spec";

import { OptionError } from "../errors/input-errors.ts";
import type { ResponsePayload } from "../errors/response-payload.ts";
import { refuseUnknownOptions } from "../options/checks.ts";
import type { Method } from "../protocol/method.ts";
import { assertSegment } from "../protocol/topic-name.ts";
import { BODY_OPTION_NAMES, RESOURCE_OPTION_NAMES } from "./options/call-options.ts";
import type { RequestOptions, ResourceOptions } from "./options/call-options.ts";
import { DISCOVERY_PATH, resourceDescriptionsSchema } from "./resource-description.ts";
import type { ResourceDescription } from "./resource-description.ts";

/** The options of a request whose body is given beside them. */
export type BodyOptions<Schema extends StandardSchemaV1 = StandardSchemaV1> = Omit<
  ResourceOptions<Schema>,
  "body"
>;

/** Options of `describe()`. */
export interface DescribeOptions extends Omit<BodyOptions, "schema"> {
  /**
   * Only resources with such an attribute: `href=captures*`, `methods=PUT`, `unit=dB` (RFC 6690 §4.1).
   * @default none: all
   */
  readonly query?: string | undefined;
}

/** What the schema makes of a body; without a schema its type is unknown. */
type BodyOf<Schema extends StandardSchemaV1> = StandardSchemaV1.InferOutput<Schema>;

/** One subsystem of one device: `request()` with target and subsystem filled in. Holds no state of its own. */
export interface DeviceHandle {
  readonly targetDeviceTag: string;
  readonly subsystem: string;
  /**
   * Reads a resource (RFC 7252 §5.8.1). Errors as `MQTTClient.request`.
   *
   * @example
   * ```ts
   * const { body } = await axuv.get("gains", { timeoutMs: 500 });
   * ```
   */
  readonly get: <Schema extends StandardSchemaV1 = StandardSchemaV1>(
    path: string,
    options?: ResourceOptions<Schema>,
  ) => Promise<ResponsePayload<BodyOf<Schema>>>;
  /**
   * Reads a resource and gives its body alone. Errors as `MQTTClient.request`.
   *
   * @param schema - checks the body and gives it its type: any Standard Schema.
   * @example
   * ```ts
   * const gains = await axuv.read("gains", v.array(v.number()));
   * ```
   */
  readonly read: <Schema extends StandardSchemaV1 = StandardSchemaV1>(
    path: string,
    schema?: Schema,
    options?: Omit<BodyOptions, "schema">,
  ) => Promise<BodyOf<Schema>>;
  /**
   * Creates or processes (RFC 7252 §5.8.2). Errors as `MQTTClient.request`.
   *
   * @param body - any JSON value; default null.
   * @example
   * ```ts
   * await axuv.post("captures", { samples: 1024 });
   * ```
   */
  readonly post: <Schema extends StandardSchemaV1 = StandardSchemaV1>(
    path: string,
    body?: unknown,
    options?: BodyOptions<Schema>,
  ) => Promise<ResponsePayload<BodyOf<Schema>>>;
  /**
   * Replaces a resource (RFC 7252 §5.8.3). Errors as `MQTTClient.request`.
   *
   * @param body - any JSON value; default null.
   * @example
   * ```ts
   * await axuv.put("gains", [8, 8, 4, 4, 2]);
   * ```
   */
  readonly put: <Schema extends StandardSchemaV1 = StandardSchemaV1>(
    path: string,
    body?: unknown,
    options?: BodyOptions<Schema>,
  ) => Promise<ResponsePayload<BodyOf<Schema>>>;
  /**
   * Removes a resource (RFC 7252 §5.8.4). Errors as `MQTTClient.request`.
   *
   * @example
   * ```ts
   * await axuv.delete("captures/7");
   * ```
   */
  readonly delete: <Schema extends StandardSchemaV1 = StandardSchemaV1>(
    path: string,
    options?: ResourceOptions<Schema>,
  ) => Promise<ResponsePayload<BodyOf<Schema>>>;
  /**
   * What the subsystem serves, as it tells itself: `GET .well-known/core` (RFC 6690 §4). Devices with a
   * `ResourceRouter` answer it; of others, expect `NotFoundResponse` or no answer. Errors as `MQTTClient.request`.
   *
   * @throws {PayloadValidationError} the device answers something else than descriptions.
   * @example
   * ```ts
   * for (const { href, methods, unit } of await axuv.describe()) console.log(href, methods, unit);
   * ```
   */
  readonly describe: (options?: DescribeOptions) => Promise<readonly ResourceDescription[]>;
}

type DescriptionsSchema = typeof resourceDescriptionsSchema;

const DESCRIBE_OPTION_NAMES: ReadonlySet<string> = new Set([
  ...[...BODY_OPTION_NAMES].filter((name) => name !== "schema"),
  "query",
]);

/** What a handle is called with, put together to the options of a request. */
export class BoundRequest {
  readonly #address: Pick<DeviceHandle, "targetDeviceTag" | "subsystem">;

  /** @throws {TopicError} the device's address is not made of topic segments. */
  constructor(address: Pick<DeviceHandle, "targetDeviceTag" | "subsystem">) {
    assertSegment(address.targetDeviceTag, "targetDeviceTag");
    assertSegment(address.subsystem, "subsystem");
    this.#address = address;
  }

  /** @throws {UnknownOptionError} an option does not exist, or names what the handle stands for. */
  plain<Schema extends StandardSchemaV1>(
    method: Method,
    path: string,
    options: ResourceOptions<Schema> = {},
  ): RequestOptions<Schema> {
    refuseUnknownOptions(options, RESOURCE_OPTION_NAMES, "a device handle");
    return { ...options, ...this.#address, method, path };
  }

  /** @throws {UnknownOptionError} the same; the body is no option here. */
  withBody<Schema extends StandardSchemaV1>(
    target: { readonly method: Method; readonly path: string },
    body: unknown,
    options: BodyOptions<Schema> = {},
  ): RequestOptions<Schema> {
    refuseUnknownOptions(options, BODY_OPTION_NAMES, "a device handle with a body");
    return { ...options, ...this.#address, ...target, body };
  }

  /** @throws {OptionError} an option does not exist, or the query is no text. */
  discovery(options: DescribeOptions = {}): RequestOptions<DescriptionsSchema> {
    refuseUnknownOptions(options, DESCRIBE_OPTION_NAMES, "describe()");
    const { query, ...others } = options;
    if (query !== undefined && typeof query !== "string") {
      throw new OptionError("query", query, "a text, as in href=captures*");
    }
    const path = query === undefined ? DISCOVERY_PATH : `${DISCOVERY_PATH}?${query}`;
    const schema = resourceDescriptionsSchema;
    return { ...others, ...this.#address, method: "GET", path, schema };
  }
}

/**
 * Binds the methods to a device.
 *
 * @param request - sends a request.
 * @throws {TopicError} the device's address is not made of topic segments.
 */
export const createDeviceHandle = (
  address: Pick<DeviceHandle, "targetDeviceTag" | "subsystem">,
  request: <Schema extends StandardSchemaV1>(
    options: RequestOptions<Schema>,
  ) => Promise<ResponsePayload<BodyOf<Schema>>>,
): DeviceHandle => {
  const bound = new BoundRequest(address);
  return {
    ...address,
    get: async (path, options) => request(bound.plain("GET", path, options)),
    delete: async (path, options) => request(bound.plain("DELETE", path, options)),
    put: async (path, body, options) =>
      request(bound.withBody({ method: "PUT", path }, body, options)),
    post: async (path, body, options) =>
      request(bound.withBody({ method: "POST", path }, body, options)),
    read: async (path, schema, options) => {
      const given = bound.withBody({ method: "GET", path }, undefined, options);
      return (await request({ ...given, schema })).body;
    },
    describe: async (options) => (await request(bound.discovery(options))).body,
  };
};
