import { classNameOf, prototypeOf } from "./error-classes.ts";

/** An error on its way to the other thread: `postMessage` would lose its class, its name and its fields. */
export interface SerializedError {
  readonly className: string;
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly fields: readonly (readonly [string, Serialized])[];
  readonly cause: Serialized | undefined;
  /** Those of an `AggregateError`. */
  readonly errors: readonly Serialized[] | undefined;
}

/** A value on its way to the other thread, in a form that `postMessage` takes, whatever the value. */
export type Serialized =
  | { readonly as: "itself"; readonly value: unknown }
  | { readonly as: "list"; readonly items: readonly Serialized[] }
  | { readonly as: "object"; readonly fields: readonly (readonly [string, Serialized])[] }
  | { readonly as: "error"; readonly error: SerializedError }
  | { readonly as: "function" }
  | { readonly as: "symbol"; readonly description: string | undefined }
  | { readonly as: "reference"; readonly id: number };

/** Something thrown on the caller's thread, which stays there; here is what to know of it elsewhere. */
export interface Thrown {
  readonly id: number;
  readonly name: string;
  readonly message: string;
  /** Of a `ResponseException`: a request is sent again after some. */
  readonly responseCode?: number;
}

/** Stands on the worker's side for something that was thrown on the caller's thread and is kept there. */
export class ReferencedError extends Error {
  readonly id: number;
  readonly responseCode: number | undefined;

  constructor({ id, name, message, responseCode }: Thrown) {
    super(message);
    this.name = name;
    this.id = id;
    this.responseCode = responseCode;
  }
}

/** Deeper than any value that is meant to cross. */
const MAX_NESTING = 300;

const itself = (value: unknown): Serialized => ({ as: "itself", value });

const packFields = (value: object, above: readonly object[]): (readonly [string, Serialized])[] =>
  Object.entries(value).map(([key, field]) => [key, packValue(field, above)] as const);

const packError = (error: Error, above: readonly object[]): SerializedError => {
  const { name, message, stack, cause } = error;
  return {
    className: classNameOf(error),
    name,
    message,
    stack,
    fields: packFields(error, above),
    cause: cause === undefined ? undefined : packValue(cause, above),
    errors:
      error instanceof AggregateError
        ? error.errors.map((each: unknown) => packValue(each, above))
        : undefined,
  };
};

/** Maps, dates and the like cross by themselves; of anything else the fields do. */
const packOther = (value: object, above: readonly object[]): Serialized => {
  const fields = (): Serialized => ({ as: "object", fields: packFields(value, above) });
  if (Object.getPrototypeOf(value) === Object.prototype) return fields();
  try {
    const copy: unknown = structuredClone(value);
    return Object.getPrototypeOf(copy) === Object.prototype ? fields() : itself(copy);
  } catch {
    return fields();
  }
};

const packObject = (value: object, above: readonly object[]): Serialized => {
  if (above.includes(value)) return itself("(a cycle)");
  if (above.length === MAX_NESTING) return itself("(nested too deep)");
  const within = [...above, value];
  if (value instanceof ReferencedError) return { as: "reference", id: value.id };
  if (value instanceof Error) return { as: "error", error: packError(value, within) };
  return Array.isArray(value)
    ? { as: "list", items: value.map((item: unknown) => packValue(item, within)) }
    : packOther(value, within);
};

const packValue = (value: unknown, above: readonly object[]): Serialized => {
  switch (typeof value) {
    case "function":
      return { as: "function" };
    case "symbol":
      return { as: "symbol", description: value.description };
    case "object":
      return value === null ? itself(null) : packObject(value, above);
    default:
      return itself(value);
  }
};

/** Packs any value: errors keep their class, functions stay functions, though not the same. Never throws. */
export const pack = (value: unknown): Serialized => {
  try {
    return packValue(value, []);
  } catch {
    // A getter or a proxy threw.
    return itself("(unreadable)");
  }
};

/** Gives what this thread keeps under a number. */
export type FindReference = (id: number) => unknown;

const hidden = (value: unknown): PropertyDescriptor => ({
  value,
  configurable: true,
  enumerable: false,
  writable: true,
});

const unpackError = (packed: SerializedError, find: FindReference): Error => {
  const { className, name, message, stack, fields, cause, errors } = packed;
  const error = new Error(message);
  // The class itself makes errors from other things than their fields.
  Object.setPrototypeOf(error, prototypeOf(className));
  if (error.name !== name) Object.defineProperty(error, "name", hidden(name));
  Object.defineProperty(error, "stack", hidden(stack));
  for (const [key, field] of fields) {
    Object.defineProperty(error, key, { ...hidden(unpack(field, find)), enumerable: true });
  }
  if (cause !== undefined) Object.defineProperty(error, "cause", hidden(unpack(cause, find)));
  if (errors !== undefined) {
    const list = errors.map((each) => unpack(each, find));
    Object.defineProperty(error, "errors", hidden(list));
  }
  return error;
};

/** The value that was packed. */
export const unpack = (packed: Serialized, find: FindReference): unknown => {
  switch (packed.as) {
    case "itself":
      return packed.value;
    case "list":
      return packed.items.map((item) => unpack(item, find));
    case "object":
      return Object.fromEntries(packed.fields.map(([key, field]) => [key, unpack(field, find)]));
    case "error":
      return unpackError(packed.error, find);
    case "function":
      return () => undefined;
    case "symbol":
      return Symbol(packed.description);
    case "reference":
      return find(packed.id);
  }
};
