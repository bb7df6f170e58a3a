import type { StandardSchemaV1 } from "@standard-schema/spec";

import type { Method } from "../protocol/method.ts";
import type { ResponsePayload } from "../protocol/payload.ts";
import type { ResourceOptions } from "./calls.ts";

/** Sends a request of one method to one resource of the device. */
export type ResourceMethod = <Schema extends StandardSchemaV1 = StandardSchemaV1>(
  path: string,
  options?: ResourceOptions<Schema>,
) => Promise<ResponsePayload<StandardSchemaV1.InferOutput<Schema>>>;

/** One subsystem of one device: `request()` with target and subsystem filled in. Holds no state of its own. */
export interface DeviceHandle {
  readonly targetDeviceTag: string;
  readonly subsystem: string;
  /** Reads a resource (RFC 7252 §5.8.1). */
  readonly get: ResourceMethod;
  /** Creates or processes (RFC 7252 §5.8.2). */
  readonly post: ResourceMethod;
  /** Replaces a resource (RFC 7252 §5.8.3). */
  readonly put: ResourceMethod;
  /** Removes a resource (RFC 7252 §5.8.4). */
  readonly delete: ResourceMethod;
}

/** Sends one request of the device that a handle is for. */
export type SendToDevice = <Schema extends StandardSchemaV1>(
  method: Method,
  path: string,
  options: ResourceOptions<Schema>,
) => Promise<ResponsePayload<StandardSchemaV1.InferOutput<Schema>>>;

/** Binds the four methods to a device. */
export const createDeviceHandle = (
  address: Pick<DeviceHandle, "targetDeviceTag" | "subsystem">,
  send: SendToDevice,
): DeviceHandle => ({
  ...address,
  get: (path, options = {}) => send("GET", path, options),
  post: (path, options = {}) => send("POST", path, options),
  put: (path, options = {}) => send("PUT", path, options),
  delete: (path, options = {}) => send("DELETE", path, options),
});
