import { PUBLISH_OPTION_NAMES } from "../client/options/call-options.ts";
import type { PublishOptions } from "../client/options/call-options.ts";

/** How to publish from a blocking client. */
export interface SyncPublishOptions extends PublishOptions {
  /**
   * `false`: return before the message is on its way; what goes wrong is logged, and `disconnect()` drops what
   * the broker has not acknowledged.
   * @default true
   */
  readonly wait?: boolean | undefined;
}

/** How long {@link SyncMQTTClient.run} serves. */
export interface RunOptions {
  /**
   * Ends it, when a handler aborts it; then it returns.
   * @default none
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Longest time in ms.
   * @default without end
   */
  readonly timeoutMs?: number | undefined;
}

/** Every option of the blocking `publish()`. */
export const SYNC_PUBLISH_OPTION_NAMES: ReadonlySet<string> = new Set([
  ...PUBLISH_OPTION_NAMES,
  "wait",
]);
