import { OptionError } from "../../errors/input-errors.ts";
import type { QoS } from "../../transport/transport.ts";

/** Returns `value` if it is a quality of service. */
export const qosValue = (option: string, value: unknown): QoS => {
  if (value === 0 || value === 1 || value === 2) return value;
  throw new OptionError(option, value, "0, 1 or 2");
};
