import { openEngine } from "./engine.ts";
import type { Listener } from "./listener.ts";
import { checkOptions } from "./options.ts";
import type { DevBrokerOptions } from "./options.ts";
import { RunningBroker, closeAll } from "./running-broker.ts";
import { listenTcp } from "./tcp-listener.ts";
import { listenWebSocket } from "./websocket-listener.ts";

/** A running broker. It holds sessions and retained messages in memory, for as long as it runs. */
export interface DevBroker extends AsyncDisposable {
  /** TCP port that it listens on. */
  readonly port: number;
  /** WebSocket port that it listens on; `undefined` if started with `wsPort: false`. */
  readonly wsPort: number | undefined;
  /** Where a client connects over TCP: "mqtt://127.0.0.1:PORT". */
  readonly url: string;
  /** Where a client connects over WebSocket: "ws://127.0.0.1:PORT"; `undefined` without one. */
  readonly wsUrl: string | undefined;
  /** Clients connected now: those whose CONNECT was accepted and whose end is not yet known. */
  readonly clientCount: number;
  /**
   * Cuts every connection at once, with no word to the clients, as a broken network does; wills are
   * published. The broker goes on and takes them back when they reconnect.
   */
  dropConnections(): void;
  /**
   * Ends every connection and frees the ports. MQTT 5 clients are told "server shutting down" (139).
   *
   * Always resolves, even if a client reads nothing or a hook never answers; further calls share
   * the first one's promise. To restart, start another broker on the same ports afterwards; it
   * begins empty.
   */
  close(): Promise<void>;
}

/** A running broker that also listens for WebSockets, which is the default. */
export interface DevBrokerWithWebSocket extends DevBroker {
  readonly wsPort: number;
  readonly wsUrl: string;
}

/**
 * Starts an MQTT 3.1.1 and 5 broker in this process.
 *
 * @throws {InvalidOptionError} an option has a value that it cannot have.
 * @throws {ListenError} a port cannot be bound; nothing stays open.
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
