import type { MQTTClient } from "../client/mqtt-client.ts";
import { runEagerly } from "../handlers/chain.ts";
import type { StepsDriver } from "./answering.ts";
import { ResourceRouterOf } from "./router-of.ts";
import type { AsyncRouterOptions } from "./router-options.ts";
import { readRouterSettings } from "./router-options.ts";

/** Options of a {@link ResourceRouter}. */
export type ResourceRouterOptions = AsyncRouterOptions<MQTTClient>;

const driver: StepsDriver = {
  run: runEagerly,
  // A promise even where nothing is waited for: middlewares may call its methods.
  runNext: (steps) => Promise.resolve(runEagerly(steps)),
  runWithin: (steps, time) => {
    const outcome = runEagerly(steps);
    return outcome instanceof Promise ? time.within(outcome) : outcome;
  },
};

/**
 * Serves resources with an {@link MQTTClient}: what a handler returns is the answer, and so is what it throws.
 * Routes may be added before and after the router is added to the client.
 * @example
 * ```ts
 * const router = new ResourceRouter({ subsystem: "axuv" });
 * router.get("gains", () => gains);
 * router.put("gains", { body: v.array(v.number()) }, ({ body }) => {
 *   gains = body;
 * });
 * client.addMessageHandler(router);
 * ```
 */
export class ResourceRouter extends ResourceRouterOf<"async", MQTTClient> {
  /**
   * @throws {OptionError} an option is unknown or has a value that it cannot have.
   * @throws {TopicError} `subsystem` or one of `targets` is no topic segment.
   */
  constructor(options: ResourceRouterOptions = {}) {
    super({ settings: readRouterSettings("async", options), driver });
  }
}
