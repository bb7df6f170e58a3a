import { STABLE_LINK_MS } from "./state.ts";

/** So many links in a row that went soon are no chance. */
const MOST_EARLY_LOSSES = 3;

/** Tells when links are lost again and again soon after they were opened: most likely somebody else has the same identifier. */
export class EarlyLosses {
  readonly #clientId: string;
  #losses = 0;

  constructor(clientId: string) {
    this.#clientId = clientId;
  }

  /** What to say of the loss of a link that lasted so long, in ms: the error itself, or one that names the likely reason. */
  explain(cause: Error, lastedMs: number): Error {
    this.#losses = lastedMs < STABLE_LINK_MS ? this.#losses + 1 : 0;
    if (this.#losses < MOST_EARLY_LOSSES) return cause;
    return new Error(
      `${String(this.#losses)} links in a row were lost soon after they were opened; most likely another client ` +
        `has the identifier ${JSON.stringify(this.#clientId)}, too, and the broker lets the two evict each other: ` +
        `give each its own, or set ensureUniqueIdentifier (${cause.message})`,
      { cause },
    );
  }
}
