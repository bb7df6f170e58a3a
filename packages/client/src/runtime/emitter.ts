import type { Logger } from "./logger.ts";

/**
 * Listeners by event name. One that throws is logged and disturbs neither the others nor the emitter. What a
 * listener sets off is told when all have heard of what came before, so that everybody hears it in order.
 */
export class Emitter<Events extends Record<keyof Events, readonly unknown[]>> {
  readonly #listeners = new Map<keyof Events, Set<(...args: never) => void>>();
  readonly #logger: Logger | undefined;
  readonly #untold: (() => void)[] = [];
  #isTelling = false;

  constructor(logger: Logger | undefined) {
    this.#logger = logger;
  }

  /** Adds a listener and returns the function that removes it. */
  on<Name extends keyof Events>(name: Name, listener: (...args: Events[Name]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => {
      this.off(name, listener);
    };
  }

  off<Name extends keyof Events>(name: Name, listener: (...args: Events[Name]) => void): void {
    this.#listeners.get(name)?.delete(listener);
  }

  emit<Name extends keyof Events>(name: Name, ...args: Events[Name]): void {
    this.#untold.push(() => {
      this.#tell(name, args);
    });
    if (this.#isTelling) return;
    this.#isTelling = true;
    for (let tell = this.#untold.shift(); tell !== undefined; tell = this.#untold.shift()) tell();
    this.#isTelling = false;
  }

  #tell<Name extends keyof Events>(name: Name, args: Events[Name]): void {
    const listeners = this.#listeners.get(name);
    if (listeners === undefined) return;
    for (const listener of [...listeners]) {
      try {
        // Only `on` adds to the set of this name, with a listener for this name's arguments.
        (listener as (...args: Events[Name]) => void)(...args);
      } catch (error) {
        this.#logger?.error({ event: String(name), error }, "an event listener threw");
      }
    }
  }
}
