/** Bounds of the pause before a dial. */
export interface BackoffBounds {
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
}

/**
 * Pause before reconnect attempt `attempt` (1 is the first): full jitter, that is evenly spread between 0
 * and a ceiling that starts at `minDelayMs` and doubles up to `maxDelayMs`. Clients that lost the same
 * broker at the same moment so come back one by one.
 *
 * @param random - a number from 0 up to, but not including, 1.
 */
export const backoffDelayMs = (attempt: number, bounds: BackoffBounds, random: number): number =>
  random * Math.min(bounds.maxDelayMs, bounds.minDelayMs * 2 ** Math.max(0, attempt - 1));
