import type { StepsDriver } from "../device/answering.ts";
import { ResourceRouterOf } from "../device/router-of.ts";
import type { RouterOptions } from "../device/router-options.ts";
import { readRouterSettings } from "../device/router-options.ts";
import { runSync } from "../handlers/chain.ts";
import type { SyncMQTTClient } from "./sync-client.ts";

/** Options of a {@link SyncResourceRouter}. */
export type SyncResourceRouterOptions = RouterOptions<"sync", SyncMQTTClient>;

// Nothing can end a plain function, however long it takes.
const driver: StepsDriver = { run: runSync, runNext: runSync, runWithin: runSync };

/**
 * `ResourceRouter` for a {@link SyncMQTTClient}: its handlers are plain functions, and may call the client.
 * @example
 * ```ts
 * const router = new SyncResourceRouter({ subsystem: "axuv" });
 * router.get("gains", () => gains);
 * client.addMessageHandler(router);
 * client.run();
 * ```
 */
export class SyncResourceRouter extends ResourceRouterOf<"sync", SyncMQTTClient> {
  /**
   * @throws {OptionError} an option is unknown or has a value that it cannot have.
   * @throws {TopicError} `subsystem` or one of `targets` is no topic segment.
   */
  constructor(options: SyncResourceRouterOptions = {}) {
    const unlimited = { ...options };
    super({ settings: readRouterSettings("sync", unlimited), driver });
  }
}
