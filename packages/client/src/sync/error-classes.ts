import * as connectionErrors from "../errors/connection-errors.ts";
import { ConnectionFailedError } from "../errors/connection-failed-error.ts";
import * as errorResponses from "../errors/error-responses.ts";
import { GfMqttError } from "../errors/gf-mqtt-error.ts";
import * as inputErrors from "../errors/input-errors.ts";
import { ResponseException } from "../errors/response-exception.ts";

/** As much of a class as it takes to make an object of it without its constructor. */
interface ErrorClass {
  readonly prototype: object;
}

const CLASSES: Readonly<Record<string, ErrorClass>> = {
  ...connectionErrors,
  ...errorResponses,
  ...inputErrors,
  GfMqttError,
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
