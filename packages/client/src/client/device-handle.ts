import type { StandardSchemaV1 } from "@standard-schema/spec";

import type { Method } from "../protocol/method.ts";
import type { ResponsePayload } from "../errors/response-payload.ts";
import { assertSegment } from "../protocol/topic-name.ts";
import type { ResourceOptions } from "./options/call-options.ts";

/** Sends a request of one method to one resource of the device. */
export type ResourceMethod = <Schema extends StandardSchemaV1 = StandardSchemaV1>(
  path: string,
  options?: ResourceOptions<Schema>,
) => Promise<ResponsePayload<StandardSchemaV1.InferOutput<Schema>>>;

/** One subsystem of one device, with a method of its own kind for each request method. */
export interface DeviceHandleOf<BoundMethod> {
  readonly targetDeviceTag: string;
  readonly subsystem: string;
  /** Reads a resource (RFC 7252 §5.8.1). */
  readonly get: BoundMethod;
  /** Creates or processes (RFC 7252 §5.8.2). */
  readonly post: BoundMethod;
  /** Replaces a resource (RFC 7252 §5.8.3). */
  readonly put: BoundMethod;
  /** Removes a resource (RFC 7252 §5.8.4). */
  readonly delete: BoundMethod;
}

/** One subsystem of one device: `request()` with target and subsystem filled in. Holds no state of its own. */
export interface DeviceHandle extends DeviceHandleOf<ResourceMethod> {}

/**
 * Binds the four methods to a device.
 *
 * @param bind - makes what sends the requests of one method.
 * @throws {TopicError} the device's address is not made of topic segments.
 */
export const createDeviceHandle = <BoundMethod>(
  { targetDeviceTag, subsystem }: Pick<DeviceHandle, "targetDeviceTag" | "subsystem">,
  bind: (method: Method) => BoundMethod,
): DeviceHandleOf<BoundMethod> => {
  assertSegment(targetDeviceTag, "targetDeviceTag");
  assertSegment(subsystem, "subsystem");
  return {
    targetDeviceTag,
    subsystem,
    get: bind("GET"),
    post: bind("POST"),
    put: bind("PUT"),
    delete: bind("DELETE"),
  };
};
