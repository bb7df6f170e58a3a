import { openEngine } from "./engine.ts";
import type { Listener } from "./listener.ts";
import { checkOptions } from "./options.ts";
import type { DevBrokerOptions } from "./options.ts";
import { RunningBroker, closeAll } from "./running-broker.ts";
import type { DevBroker, DevBrokerWithWebSocket } from "./running-broker.ts";
import { listenTcp } from "./tcp-listener.ts";
import { listenWebSocket } from "./websocket-listener.ts";

/**
 * Starts an MQTT 3.1.1 and 5 broker in this process.
 *
 * @throws {InvalidOptionError} an option has a value that it cannot have.
 * @throws {ListenError} a port cannot be bound; nothing stays open.
 * @example
 * const broker = await startDevBroker();
 * const client = new MQTTClient({ broker: broker.url });
 */
export function startDevBroker(
  options?: DevBrokerOptions & { readonly wsPort?: number },
): Promise<DevBrokerWithWebSocket>;
export function startDevBroker(options: DevBrokerOptions): Promise<DevBroker>;
export async function startDevBroker(options: DevBrokerOptions = {}): Promise<DevBroker> {
  const checked = checkOptions(options);
  const { host, port, wsPort, onError } = checked;
  const engine = await openEngine(checked);
  const bound: Listener[] = [];
  const open = async (listening: Promise<Listener>): Promise<Listener> => {
    const listener = await listening;
    bound.push(listener);
    return listener;
  };
  try {
    const place = { host, onFault: onError };
    const tcp = await open(listenTcp({ ...place, port }, engine.serve));
    const webSocket =
      wsPort === false
        ? undefined
        : await open(listenWebSocket({ ...place, port: wsPort }, engine.serve));
    return new RunningBroker({ engine, host, tcp, webSocket });
  } catch (error) {
    await closeAll(engine, bound);
    throw error;
  }
}
