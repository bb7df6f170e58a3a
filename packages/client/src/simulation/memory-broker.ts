import type { MessageHandler } from "../client/handler-classes.ts";
import { MemoryBroker as Broker } from "../transport/memory-broker.ts";
import type { SimulateOptions, SimulatedDevice } from "./simulate.ts";
import { simulate } from "./simulate.ts";

/**
 * A broker inside the process, for tests without a network: topics, wildcards, QoS as delivered,
 * retained messages, Last Wills, access rules, lost links. It knows no sessions and keeps nothing for absent clients.
 * @example
 * const broker = new MemoryBroker();
 * const client = new MQTTClient({ ...broker.connection });
 */
export class MemoryBroker extends Broker {
  /**
   * Connects a device that is made of handlers alone: a router, or any others.
   *
   * @param options - how late its answers come, how many are lost or come twice.
   * @throws {OptionError} an option is unknown or has a value that it cannot have.
   * @example
   * ```ts
   * await using pump = await broker.simulate("pump-1", router, { latencyMs: 20, lose: 0.1 });
   * ```
   */
  async simulate(
    identifier: string,
    handlers: MessageHandler | readonly MessageHandler[],
    options: SimulateOptions = {},
  ): Promise<SimulatedDevice> {
    return simulate(this.connection, identifier, handlers, options);
  }
}
