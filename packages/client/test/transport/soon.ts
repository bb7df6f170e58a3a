/** Far more than anything takes that happens on this machine alone. */
export const PATIENCE_MS = 10_000;

/** Waits for what is to happen soon; says what it was if it does not. */
export const soon = <T>(what: string, promise: Promise<T>): Promise<T> =>
  new Promise<T>((resolve, reject) => {
    const deadline = setTimeout(() => {
      reject(new Error(`${what} did not happen within ${String(PATIENCE_MS)} ms`));
    }, PATIENCE_MS);
    promise.then(resolve, reject).finally(() => {
      clearTimeout(deadline);
    });
  });

/** What these calls reject with, in their order. Observed from now on, so that none goes unhandled. */
export const rejectionsOf = async (calls: readonly unknown[]): Promise<readonly unknown[]> => {
  const outcomes = await Promise.allSettled(calls);
  return outcomes.map((outcome) => {
    if (outcome.status === "rejected") return outcome.reason;
    throw new Error("a call did not reject");
  });
};

/** Things that come one by one, and can be waited for. */
export class Arrivals<T> {
  readonly all: T[] = [];
  readonly #what: string;
  readonly #checks = new Set<() => void>();

  /** @param what - the things, for the error of a wait in vain. */
  constructor(what: string) {
    this.#what = what;
  }

  add(item: T): void {
    this.all.push(item);
    for (const check of this.#checks) check();
  }

  /** Waits until as many have come that are wanted, and gives those. */
  until(count: number, isWanted: (item: T) => boolean = () => true): Promise<readonly T[]> {
    return soon(
      `the arrival of ${String(count)} ${this.#what}`,
      new Promise((resolve) => {
        const check = (): void => {
          const wanted = this.all.filter(isWanted);
          if (wanted.length < count) return;
          this.#checks.delete(check);
          resolve(wanted);
        };
        this.#checks.add(check);
        check();
      }),
    );
  }
}
