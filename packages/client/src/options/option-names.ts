import { OptionError, UnknownOptionError } from "../errors/input-errors.ts";
import { isJsonObject } from "../json/json-object.ts";
import { kindText } from "../errors/value-text.ts";

/** Names that people bring along from the Python library and from MQTT.js, with the ones used here. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ["value", "body"],
  ["timeout", "timeoutMs"],
  ["hostname", "broker"],
  ["host", "broker"],
  ["url", "broker"],
  ["clientId", "identifier"],
]);

const fold = (name: string): string => name.replaceAll("_", "").toLowerCase();

const suggestion = (option: string, known: ReadonlySet<string>): string => {
  const renamed = RENAMED.get(option);
  if (renamed !== undefined && known.has(renamed)) return JSON.stringify(renamed);
  const near = [...known].find((name) => fold(name) === fold(option));
  return near === undefined ? `one of ${[...known].join(", ")}` : JSON.stringify(near);
};

/**
 * Refuses an option that does not exist: a misspelt one would otherwise be ignored in silence.
 *
 * @param whose - what takes the options, for the error: `"MQTTClient"`.
 * @throws {OptionError} there are no options but something else, or one of them does not exist.
 */
export const refuseUnknownOptions = (
  given: unknown,
  known: ReadonlySet<string>,
  whose: string,
): void => {
  if (!isJsonObject(given)) {
    // What was given may be a URL with a password: only its kind is told.
    throw new OptionError(`(options of ${whose})`, `(${kindText(given)})`, "an object");
  }
  for (const option in given) {
    if (!known.has(option)) throw new UnknownOptionError(option, suggestion(option, known));
  }
};

/** A value that was given, `null` included, or what counts where none was. */
export const orDefault = <Value>(value: Value | undefined, whenAbsent: Value): Value =>
  value === undefined ? whenAbsent : value;
