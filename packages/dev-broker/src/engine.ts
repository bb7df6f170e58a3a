import type { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { Aedes } from "aedes";
import type { Client } from "aedes";
import { ConnectionError } from "./errors.ts";
import { hardenBroker, hardenClient } from "./hardening.ts";
import { Refusal, brokerHooks } from "./hooks.ts";
import type { CheckedOptions } from "./options.ts";

/** The protocol itself: what happens between bytes coming in and bytes going out. */
export interface Engine {
  readonly clientCount: number;
  /** Takes over a connection; the request is the one that opened a WebSocket. */
  readonly serve: (stream: Duplex, request?: IncomingMessage) => void;
  /** Says goodbye to every client and stops. May wait for a client that does not read. */
  readonly close: () => Promise<void>;
}

/** Opens the broker without a listener, so far reachable by nobody. */
export async function openEngine(options: CheckedOptions): Promise<Engine> {
  const granted = new WeakSet<object>();
  const broker = await Aedes.createBroker(brokerHooks(options, granted));
  hardenBroker(broker, granted);
  reportFaults(broker, options.onError);
  return {
    get clientCount(): number {
      return broker.connectedClients;
    },
    serve: (stream, request) => hardenClient(broker.handle(stream, request)),
    close: () => new Promise((resolve) => broker.close(resolve)),
  };
}

function reportFaults(broker: Aedes, onError: CheckedOptions["onError"]): void {
  const onFault = (client: Client, fault: Error): void => {
    // While it closes, cut connections are what is asked for.
    if (broker.closed || fault instanceof Refusal) return;
    // Typed as a string, yet it is null until a CONNECT is accepted.
    const clientId: string | null = client.id;
    onError(new ConnectionError(clientId ?? undefined, fault));
  };
  broker.on("clientError", onFault);
  broker.on("connectionError", onFault);
  // Missing in the types. Without a listener, the event would end the process.
  const emitter: EventEmitter = broker;
  emitter.on("error", onError);
}
