import { OptionError } from "../errors/input-errors.ts";
import type { MessageHandlerOf } from "./message-handler.ts";

const isMessageHandler = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  "canHandle" in value &&
  typeof value.canHandle === "function" &&
  "handle" in value &&
  typeof value.handle === "function" &&
  "propagate" in value &&
  typeof value.propagate === "boolean";

/**
 * The handlers of a client in the order they were added. The lists are replaced, never changed: a
 * message on its way keeps the ones it started with.
 */
export class HandlerList<Client> {
  #all: readonly MessageHandlerOf<Client>[] = [];
  #incoming: readonly MessageHandlerOf<Client>[] = [];
  #outgoing: readonly MessageHandlerOf<Client>[] = [];

  /** Those for messages that arrive. */
  get incoming(): readonly MessageHandlerOf<Client>[] {
    return this.#incoming;
  }

  /** Those for requests about to be sent. */
  get outgoing(): readonly MessageHandlerOf<Client>[] {
    return this.#outgoing;
  }

  /** @throws {OptionError} it lacks a method of a handler. */
  add(handler: MessageHandlerOf<Client>): void {
    if (!isMessageHandler(handler)) {
      const expected = "an object with canHandle(), handle() and propagate (true or false)";
      throw new OptionError("handler", handler, expected);
    }
    this.#replace([...this.#all, handler]);
  }

  /** Removes one addition of this very object; false when it is not there. */
  remove(handler: MessageHandlerOf<Client>): boolean {
    const at = this.#all.indexOf(handler);
    if (at === -1) return false;
    this.#replace(this.#all.toSpliced(at, 1));
    return true;
  }

  #replace(all: readonly MessageHandlerOf<Client>[]): void {
    this.#all = all;
    this.#incoming = all.filter(({ direction }) => direction !== "outgoing");
    this.#outgoing = all.filter(({ direction }) => direction === "outgoing");
  }
}
