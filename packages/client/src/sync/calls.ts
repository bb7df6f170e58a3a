import type { StandardSchemaV1 } from "@standard-schema/spec";

import { PUBLISH_OPTION_NAMES } from "../client/options/call-options.ts";
import type { PublishOptions, ResourceOptions } from "../client/options/call-options.ts";
import type { DeviceHandleOf } from "../client/device-handle.ts";
import type { ResponsePayload } from "../errors/response-payload.ts";

/** Sends a request of one method to one resource of the device, and waits for its response. */
export type SyncResourceMethod = <Schema extends StandardSchemaV1 = StandardSchemaV1>(
  path: string,
  options?: ResourceOptions<Schema>,
) => ResponsePayload<StandardSchemaV1.InferOutput<Schema>>;

/** One subsystem of one device: `request()` with target and subsystem filled in. Holds no state of its own. */
export interface SyncDeviceHandle extends DeviceHandleOf<SyncResourceMethod> {}

/** How to publish from a blocking client. */
export interface SyncPublishOptions extends PublishOptions {
  /**
   * `false`: return before the message is on its way; what goes wrong is logged, and `disconnect()` drops what
   * the broker has not acknowledged. Default true.
   */
  readonly wait?: boolean | undefined;
}

/** How long {@link SyncMQTTClient.run} serves. */
export interface RunOptions {
  /** Ends it, when a handler aborts it; then it returns. */
  readonly signal?: AbortSignal | undefined;
  /** Longest time in ms; default: without end. */
  readonly timeoutMs?: number | undefined;
}

/** Every option of the blocking `publish()`. */
export const SYNC_PUBLISH_OPTION_NAMES: ReadonlySet<string> = new Set([
  ...PUBLISH_OPTION_NAMES,
  "wait",
]);
