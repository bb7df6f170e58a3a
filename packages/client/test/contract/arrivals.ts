import { inspect } from "node:util";
import { patiently } from "./patience.ts";

const SHOWN = 200;

/** What has come in so far, in order, and a way to wait for more. */
export class Arrivals<T> {
  readonly #what: string;
  readonly #all: T[] = [];
  readonly #notices = new Set<() => void>();
  #read = 0;

  /** @param what - what is expected to come, for the error when it does not. */
  constructor(what: string) {
    this.#what = what;
  }

  /** Everything that has come, whether it was waited for or not. */
  get all(): readonly T[] {
    return this.#all;
  }

  readonly push = (item: T): void => {
    this.#all.push(item);
    for (const notice of [...this.#notices]) notice();
  };

  /** Tells of everything that has come and that still comes, whether it is waited for or not. */
  tellOfEach(tell: (item: T) => void): void {
    let told = 0;
    const notice = (): void => {
      for (const item of this.#all.slice(told)) {
        told += 1;
        tell(item);
      }
    };
    notice();
    this.#notices.add(notice);
  }

  /**
   * The next one that was not read yet and that `wanted` accepts; those before it are passed over.
   *
   * @throws {Error} it did not come within 10 s.
   */
  async next(wanted: (item: T) => boolean = () => true): Promise<T> {
    const found = this.#readUntil(wanted);
    if (found !== undefined) return found.item;
    return patiently<T>(
      () => `${this.#what} (so far: ${this.#summary()})`,
      (resolve) => {
        const notice = (): void => {
          const late = this.#readUntil(wanted);
          if (late !== undefined) resolve(late.item);
        };
        this.#notices.add(notice);
        return () => this.#notices.delete(notice);
      },
    );
  }

  /** The next `count` of them. */
  async take(count: number): Promise<readonly T[]> {
    const items: T[] = [];
    while (items.length < count) items.push(await this.next());
    return items;
  }

  #readUntil(wanted: (item: T) => boolean): { readonly item: T } | undefined {
    for (const item of this.#all.slice(this.#read)) {
      this.#read += 1;
      if (wanted(item)) return { item };
    }
    return undefined;
  }

  #summary(): string {
    return this.#all.map((item) => inspect(item).slice(0, SHOWN)).join(", ");
  }
}
