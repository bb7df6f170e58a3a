import { EventEmitter } from "node:events";
import type { Aedes, Client } from "aedes";

/*
 * What peers send must not end the process. Fuzzing finds gaps in the broker library within
 * seconds: handlers that throw out of event listeners, a rejection that nobody handles when one
 * PUBREL comes twice, and plain objects keyed by what peers choose, where "constructor" seems to be
 * taken. Nor must a client get what it was refused: the library keeps in a session all filters of a
 * SUBSCRIBE if one of them is granted.
 *
 * All this lives in fields that are not part of the library's interface, hence the cautious access:
 * what is not there is left alone. That it is there, the tests see, and the version is pinned.
 */

/**
 * Makes every client identifier an ordinary one, a repeated PUBREL harmless, and sessions keep what
 * was granted only.
 *
 * @param granted - the subscriptions that were granted, each the library's own object.
 */
export function hardenBroker(broker: Aedes, granted: WeakSet<object>): void {
  dropPrototype(broker, "clients");
  const store: unknown = Reflect.get(broker, "persistence");
  replaceMethod(store, "incomingDelPacket", (forget, packet) =>
    Promise.resolve(forget(...packet)).catch(() => {}),
  );
  replaceMethod(store, "addSubscriptions", (add, [client, all]) => {
    const subscriptions: readonly unknown[] = Array.isArray(all) ? all : [];
    return add(
      client,
      subscriptions.filter((one) => isObject(one) && granted.has(one)),
    );
  });
}

/** Makes every topic filter an ordinary one, and whatever the client's bytes throw its own end. */
export function hardenClient(client: Client): void {
  const endClient = (thrown: unknown): void => {
    client.emit("error", thrown instanceof Error ? thrown : new Error(String(thrown)));
  };
  const contained = (run: Call, values: readonly unknown[]): unknown => {
    try {
      return run(...values);
    } catch (thrown) {
      endClient(thrown);
      return undefined;
    }
  };
  dropPrototype(client, "subscriptions");
  const parser: unknown = Reflect.get(client, "_parser");
  replaceMethod(parser, "parse", contained);
  if (isEmitter(parser)) {
    replaceListeners(parser, "packet", (handle, [packet]) => {
      if (namesPrototype(packet)) endClient(new Error(`no topic filter may be "__proto__"`));
      else handle(packet);
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

type Call = (...values: readonly unknown[]) => unknown;
type Around = (original: Call, values: readonly unknown[]) => unknown;

function replaceMethod(owner: unknown, name: string, around: Around): void {
  const original: unknown = isObject(owner) ? Reflect.get(owner, name) : undefined;
  if (!isObject(owner) || typeof original !== "function") return;
  const call: Call = (...values) => Reflect.apply(original, owner, values);
  Reflect.set(owner, name, (...values: unknown[]) => around(call, values));
}

function replaceListeners(emitter: EventEmitter, event: string, around: Around): void {
  const originals = emitter.listeners(event);
  emitter.removeAllListeners(event);
  for (const original of originals) {
    const call: Call = (...values) => Reflect.apply(original, emitter, values);
    emitter.on(event, (...values: unknown[]) => around(call, values));
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function isEmitter(value: unknown): value is EventEmitter {
  return value instanceof EventEmitter;
}
