import { InvalidArgumentError } from "commander";

/** The least and the greatest that a flag takes. */
export interface FlagRange {
  readonly min: number;
  readonly max: number;
}

/** Makes the reader of a flag that takes a whole number. */
export const wholeNumber =
  ({ min, max }: FlagRange) =>
  (text: string): number => {
    const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(
      max === Infinity
        ? `It is a whole number from ${String(min)} on.`
        : `It is a whole number from ${String(min)} to ${String(max)}.`,
    );
  };

/**
 * Reads a number above 0, whole or not.
 *
 * @throws {InvalidArgumentError} it is none.
 */
export const positiveNumber = (text: string): number => {
  const value = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value > 0) return value;
  throw new InvalidArgumentError("It is a number above 0.");
};
