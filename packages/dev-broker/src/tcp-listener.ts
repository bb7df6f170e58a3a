import { createServer } from "node:net";
import type { Duplex } from "node:stream";
import { Listener } from "./listener.ts";
import type { ListenerSetup } from "./listener.ts";

/**
 * Listens for MQTT over TCP (MQTT 5 §4.2).
 *
 * @throws {ListenError} the address cannot be bound.
 */
export function listenTcp(
  setup: ListenerSetup,
  serve: (stream: Duplex) => void,
): Promise<Listener> {
  return Listener.bind(createServer(serve), { kind: "TCP", ...setup });
}
