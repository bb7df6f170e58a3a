import * as clientErrors from "../protocol/client-error-response.ts";
import { ConnectionFailedError } from "../protocol/connection-failed-error.ts";
import * as errors from "../protocol/errors.ts";
import { ResponseException } from "../protocol/response-exception.ts";
import * as serverErrors from "../protocol/server-error-response.ts";
import * as syncErrors from "../protocol/sync-errors.ts";

/** As much of a class as it takes to make an object of it without its constructor. */
interface ErrorClass {
  readonly prototype: object;
}

const CLASSES: Readonly<Record<string, ErrorClass>> = {
  ...errors,
  ...clientErrors,
  ...serverErrors,
  ...syncErrors,
  ResponseException,
  ConnectionFailedError,
  AggregateError,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

const NAMES: ReadonlyMap<unknown, string> = new Map(
  Object.entries(CLASSES).map(([name, { prototype }]) => [prototype, name]),
);

/** The name of the class of an error, or of the nearest above it that both threads know. */
export const classNameOf = (error: Error): string => {
  for (
    let prototype: unknown = Object.getPrototypeOf(error);
    typeof prototype === "object" && prototype !== null;
    prototype = Object.getPrototypeOf(prototype)
  ) {
    const name = NAMES.get(prototype);
    if (name !== undefined) return name;
  }
  return "Error";
};

/** The prototype of the errors of a class. */
export const prototypeOf = (className: string): object => (CLASSES[className] ?? Error).prototype;
