import { setTimeout as delay } from "node:timers/promises";
import type { DevBroker } from "./dev-broker.ts";
import type { Engine } from "./engine.ts";
import type { Listener } from "./listener.ts";

// How long the farewell may take. It is milliseconds; but that the end comes must not hang on it.
const FAREWELL_MS = 500;

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
