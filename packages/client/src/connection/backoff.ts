/** Bounds of the pause before a dial. */
export interface BackoffBounds {
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
}

/** Takes 1 ms past the longest timer. Without a bound, 0 ms would end as 0 times infinity. */
const MOST_DOUBLINGS = 31;

/**
 * Pause before reconnect attempt `attempt` (1 is the first): full jitter, that is evenly spread between 0
 * and a ceiling that starts at `minDelayMs` and doubles up to `maxDelayMs`. Clients that lost the same
 * broker at the same moment so come back one by one.
 *
 * @param random - a number from 0 up to, but not including, 1.
 */
export const backoffDelayMs = (attempt: number, bounds: BackoffBounds, random: number): number => {
  const doublings = Math.min(Math.max(0, attempt - 1), MOST_DOUBLINGS);
  return random * Math.min(bounds.maxDelayMs, bounds.minDelayMs * 2 ** doublings);
};
