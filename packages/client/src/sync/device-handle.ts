import type { StandardSchemaV1 } from "@standard-schema/spec";

import type { BodyOptions, DescribeOptions, DeviceHandle } from "../client/device-handle.ts";
import { BoundRequest } from "../client/device-handle.ts";
import type { RequestOptions, ResourceOptions } from "../client/options/call-options.ts";
import type { ResourceDescription } from "../client/resource-description.ts";
import type { ResponsePayload } from "../errors/response-payload.ts";

type BodyOf<Schema extends StandardSchemaV1> = StandardSchemaV1.InferOutput<Schema>;

/** `DeviceHandle` of a blocking client: its calls return when they are done. */
export interface SyncDeviceHandle extends Pick<DeviceHandle, "targetDeviceTag" | "subsystem"> {
  /** As `DeviceHandle.get`. */
  readonly get: <Schema extends StandardSchemaV1 = StandardSchemaV1>(
    path: string,
    options?: ResourceOptions<Schema>,
  ) => ResponsePayload<BodyOf<Schema>>;
  /** As `DeviceHandle.read`. */
  readonly read: <Schema extends StandardSchemaV1 = StandardSchemaV1>(
    path: string,
    schema?: Schema,
    options?: Omit<BodyOptions, "schema">,
  ) => BodyOf<Schema>;
  /** As `DeviceHandle.post`. */
  readonly post: <Schema extends StandardSchemaV1 = StandardSchemaV1>(
    path: string,
    body?: unknown,
    options?: BodyOptions<Schema>,
  ) => ResponsePayload<BodyOf<Schema>>;
  /** As `DeviceHandle.put`. */
  readonly put: <Schema extends StandardSchemaV1 = StandardSchemaV1>(
    path: string,
    body?: unknown,
    options?: BodyOptions<Schema>,
  ) => ResponsePayload<BodyOf<Schema>>;
  /** As `DeviceHandle.delete`. */
  readonly delete: <Schema extends StandardSchemaV1 = StandardSchemaV1>(
    path: string,
    options?: ResourceOptions<Schema>,
  ) => ResponsePayload<BodyOf<Schema>>;
  /** As `DeviceHandle.describe`. */
  readonly describe: (options?: DescribeOptions) => readonly ResourceDescription[];
}

/**
 * Sends a request and waits for its response.
 *
 * @param entry - the function that the user has called: errors point to whoever called it.
 */
export type SendSync = <Schema extends StandardSchemaV1>(
  options: RequestOptions<Schema>,
  entry: (...args: never) => unknown,
) => ResponsePayload<BodyOf<Schema>>;

/**
 * Binds the methods to a device.
 *
 * @throws {TopicError} the device's address is not made of topic segments.
 */
export const createSyncDeviceHandle = (
  address: Pick<DeviceHandle, "targetDeviceTag" | "subsystem">,
  send: SendSync,
): SyncDeviceHandle => {
  const bound = new BoundRequest(address);
  const handle: SyncDeviceHandle = {
    ...address,
    get: (path, options) => send(bound.plain("GET", path, options), handle.get),
    delete: (path, options) => send(bound.plain("DELETE", path, options), handle.delete),
    put: (path, body, options) =>
      send(bound.withBody({ method: "PUT", path }, body, options), handle.put),
    post: (path, body, options) =>
      send(bound.withBody({ method: "POST", path }, body, options), handle.post),
    read: (path, schema, options) => {
      const given = bound.withBody({ method: "GET", path }, undefined, options);
      return send({ ...given, schema }, handle.read).body;
    },
    describe: (options) => send(bound.discovery(options), handle.describe).body,
  };
  return handle;
};
