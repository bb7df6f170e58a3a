import { EventEmitter } from "node:events";
import type { Aedes, Client } from "aedes";

/*
 * What peers send must not end the process. Fuzzing finds gaps in the broker library within
 * seconds: handlers that throw out of event listeners, a rejection that nobody handles when one
 * PUBREL comes twice, and plain objects keyed by what peers choose, where "constructor" seems to be
 * taken. Its fields are private, hence the cautious access: a field that another version lacks is a
 * field that needs no care.
 */

/** Makes every client identifier an ordinary one, and a repeated PUBREL harmless. */
export function hardenBroker(broker: Aedes): void {
  dropPrototype(broker, "clients");
  const store: unknown = Reflect.get(broker, "persistence");
  replaceMethod(store, "incomingDelPacket", (forget) => Promise.resolve(forget()).catch(() => {}));
}

/** Makes every topic filter an ordinary one, and whatever the client's bytes throw its own end. */
export function hardenClient(client: Client): void {
  const endClient = (thrown: unknown): void => {
    client.emit("error", thrown instanceof Error ? thrown : new Error(String(thrown)));
  };
  const contained = (run: () => unknown): unknown => {
    try {
      return run();
    } catch (thrown) {
      endClient(thrown);
      return undefined;
    }
  };
  dropPrototype(client, "subscriptions");
  const parser: unknown = Reflect.get(client, "_parser");
  replaceMethod(parser, "parse", contained);
  if (isEmitter(parser)) {
    replaceListeners(parser, "packet", (handle, packet) => {
      if (namesPrototype(packet)) endClient(new Error(`no topic filter may be "__proto__"`));
      else handle();
    });
  }
  // Packets that came before the CONNACK are handled by a listener of this event.
  replaceListeners(client, "connected", contained);
}

/** Whether a SUBSCRIBE has the one filter that a plain object cannot hold as a key. */
function namesPrototype(packet: unknown): boolean {
  const subscriptions: unknown = isObject(packet)
    ? Reflect.get(packet, "subscriptions")
    : undefined;
  return (
    Array.isArray(subscriptions) &&
    subscriptions.some((one: unknown) => isObject(one) && Reflect.get(one, "topic") === "__proto__")
  );
}

function dropPrototype(owner: object, field: string): void {
  const dictionary: unknown = Reflect.get(owner, field);
  if (isObject(dictionary)) Object.setPrototypeOf(dictionary, null);
}

function replaceMethod(
  owner: unknown,
  name: string,
  around: (original: () => unknown) => unknown,
): void {
  const original: unknown = isObject(owner) ? Reflect.get(owner, name) : undefined;
  if (!isObject(owner) || typeof original !== "function") return;
  Reflect.set(owner, name, (...values: unknown[]) =>
    around(() => Reflect.apply(original, owner, values)),
  );
}

function replaceListeners(
  emitter: EventEmitter,
  event: string,
  around: (original: () => unknown, value: unknown) => unknown,
): void {
  const originals = emitter.listeners(event);
  emitter.removeAllListeners(event);
  for (const original of originals) {
    emitter.on(event, (...values: unknown[]) =>
      around(() => Reflect.apply(original, emitter, values), values[0]),
    );
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function isEmitter(value: unknown): value is EventEmitter {
  return value instanceof EventEmitter;
}
