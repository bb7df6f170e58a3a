import { InvalidArgumentError } from "commander";

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const DEFAULT_UNIT = "ms";
const LONGEST_MS = 2_147_483_647;

/**
 * Reads a duration: `500ms`, `2s`, `1.5m`, `1h`; without a unit it is in ms.
 *
 * @throws {InvalidArgumentError} it is none.
 */
export const durationMs = (text: string): number => {
  const [, digits, unit = DEFAULT_UNIT] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  const ms = digits === undefined ? Number.NaN : Number(digits) * (UNIT_MS[unit] ?? Number.NaN);
  if (ms >= 1 && ms <= LONGEST_MS) return Math.round(ms);
  throw new InvalidArgumentError("A duration is written 500ms, 2s or 1m.");
};
