import type { Credentials } from "../connection/dial.ts";
import { OptionError } from "../errors/input-errors.ts";

/**
 * The password to dial with, given at once.
 *
 * @throws {OptionError} it is a function that gives something else than a text.
 */
export const askForPassword = ({ password }: Credentials): string => {
  const given: unknown = typeof password === "function" ? password() : password;
  if (typeof given === "string") return given;
  // What becomes of it is nobody's business any more.
  if (given instanceof Promise) given.catch(() => undefined);
  const what = given instanceof Promise ? "a promise" : typeof given;
  throw new OptionError("password", `(a function that gave ${what})`, "one that gives a text");
};
