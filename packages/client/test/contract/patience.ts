const PATIENCE_MS = 10_000;

/**
 * Waits for something that a test needs, and says what it was if it does not come within 10 s.
 *
 * @param start - arranges for one of its arguments to be called; gives back how to call that off.
 */
export const patiently = <T>(
  awaited: () => string,
  start: (resolve: (value: T) => void, reject: (error: unknown) => void) => () => void,
): Promise<T> =>
  new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      clearTimeout(deadline);
      stop();
      settle();
    };
    const deadline = setTimeout(() => {
      end(() => reject(new Error(`${awaited()} did not come within ${PATIENCE_MS} ms`)));
    }, PATIENCE_MS);
    const stop = start(
      (value) => end(() => resolve(value)),
      (error) => end(() => reject(error)),
    );
  });

/** A place where some wait until another opens it. */
export class Gate {
  readonly #what: string;
  readonly #waiting = new Set<() => void>();
  #isOpen = false;

  /** @param what - what opens it, for the error when it stays shut. */
  constructor(what: string) {
    this.#what = what;
  }

  readonly open = (): void => {
    this.#isOpen = true;
    for (const pass of [...this.#waiting]) pass();
  };

  /** Resolves once it is open. */
  async passed(): Promise<void> {
    if (this.#isOpen) return;
    await patiently<void>(
      () => this.#what,
      (resolve) => {
        const pass = (): void => resolve();
        this.#waiting.add(pass);
        return () => this.#waiting.delete(pass);
      },
    );
  }
}
