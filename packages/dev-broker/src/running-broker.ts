import { setTimeout as delay } from "node:timers/promises";
import type { Engine } from "./engine.ts";
import type { Listener } from "./listener.ts";

// How long the farewell may take. It is milliseconds; but that the end comes must not hang on it.
const FAREWELL_MS = 500;

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

/** What a running broker is made of. */
export interface BrokerParts {
  readonly engine: Engine;
  readonly host: string;
  readonly tcp: Listener;
  readonly webSocket: Listener | undefined;
}

/** A broker that listens, until it is closed. */
export class RunningBroker implements DevBroker {
  readonly port: number;
  readonly wsPort: number | undefined;
  readonly url: string;
  readonly wsUrl: string | undefined;
  readonly #engine: Engine;
  readonly #listeners: readonly Listener[];
  #closed: Promise<void> | undefined;

  constructor({ engine, host, tcp, webSocket }: BrokerParts) {
    const authority = authorityOf(host);
    this.port = tcp.port;
    this.wsPort = webSocket?.port;
    this.url = `mqtt://${authority}:${tcp.port}`;
    this.wsUrl = webSocket && `ws://${authority}:${webSocket.port}`;
    this.#engine = engine;
    this.#listeners = webSocket ? [tcp, webSocket] : [tcp];
  }

  get clientCount(): number {
    return this.#engine.clientCount;
  }

  dropConnections(): void {
    for (const listener of this.#listeners) listener.dropSockets();
  }

  close(): Promise<void> {
    this.#closed ??= closeAll(this.#engine, this.#listeners);
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Ends an engine and its listeners; always resolves. */
export async function closeAll(engine: Engine, listeners: readonly Listener[]): Promise<void> {
  const free = Promise.all(listeners.map((listener) => listener.close()));
  const enough = new AbortController();
  await Promise.race([engine.close(), delay(FAREWELL_MS, undefined, { signal: enough.signal })]);
  enough.abort();
  for (const listener of listeners) listener.dropSockets();
  await free;
}

/** The host as a client on this machine writes it in a URL. */
function authorityOf(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}
