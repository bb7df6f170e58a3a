/** A number to its thousandths, as times in ms are told: further digits would be those of the binary fraction. */
export const toThousandths = (value: number): number => Math.round(value * 1_000) / 1_000;
