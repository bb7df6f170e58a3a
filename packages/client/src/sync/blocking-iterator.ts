import type { BlockingCall } from "./blocking-call.ts";
import type { Call } from "./messages.ts";
import type { Wait } from "./calling-thread.ts";

/** How an iterator reaches the one in the worker that it stands for. */
export interface IterationPorts {
  readonly call: (call: BlockingCall) => unknown;
  /** The worker there is now. */
  readonly worker: () => object | undefined;
}

/** What is iterated over: the call that begins it, and its number, which no other iteration of the client has. */
export interface Iteration {
  readonly id: number;
  readonly begin: Pick<Call, "name" | "options">;
  readonly wait: Wait;
}

type Step<T> = IteratorResult<T, undefined>;

const DONE = { done: true, value: undefined } as const;

/** Gives what an iterator in the worker gives. Each step blocks, and serves meanwhile; it is over with the worker. */
export class BlockingIterator<T> implements IterableIterator<T, undefined> {
  readonly #ports: IterationPorts;
  readonly #iteration: Iteration;
  #state: "new" | "open" | "over" = "new";
  #worker: object | undefined;

  constructor(ports: IterationPorts, iteration: Iteration) {
    this.#ports = ports;
    this.#iteration = iteration;
  }

  [Symbol.iterator](): this {
    return this;
  }

  readonly next = (): Step<T> => {
    const { id, begin, wait } = this.#iteration;
    try {
      if (this.#state === "new") {
        this.#state = "open";
        this.#call({ ...begin, args: [id] }, { ...wait, signal: undefined });
        this.#worker = this.#ports.worker();
      }
      if (!this.#isOpen) return DONE;
      // What the worker gives for this call; nothing where it knows of no such iteration.
      const given = this.#call({ name: "next", options: {}, args: [id] }, wait) as
        | Step<T>
        | undefined;
      const step = given ?? DONE;
      if (step.done === true) this.#state = "over";
      return step;
    } catch (error) {
      this.return();
      throw error;
    }
  };

  get #isOpen(): boolean {
    return this.#state === "open" && this.#worker === this.#ports.worker();
  }

  #call(call: Call, wait: Wait): unknown {
    return this.#ports.call({ ...call, wait, entry: this.next });
  }

  return(): Step<T> {
    const { id, wait } = this.#iteration;
    const isOpen = this.#isOpen;
    this.#state = "over";
    if (isOpen)
      this.#call({ name: "return", options: {}, args: [id] }, { ...wait, signal: undefined });
    return DONE;
  }

  [Symbol.dispose](): void {
    this.return();
  }
}
