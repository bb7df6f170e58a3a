/** What a request asks of a resource (RFC 7252 §5.8). The name is what goes over the wire. */
export const Method = {
  GET: "GET",
  POST: "POST",
  PUT: "PUT",
  DELETE: "DELETE",
} as const;

/** The name of a request method. */
export type Method = (typeof Method)[keyof typeof Method];

/** A method as callers may give it: its name in upper or lower case, or CoAP's number (RFC 7252 §12.1.1). */
export type MethodInput = Method | Lowercase<Method> | 1 | 2 | 3 | 4;

const METHODS: ReadonlyMap<unknown, Method> = new Map<unknown, Method>([
  [Method.GET, Method.GET],
  [Method.POST, Method.POST],
  [Method.PUT, Method.PUT],
  [Method.DELETE, Method.DELETE],
  [1, Method.GET],
  [2, Method.POST],
  [3, Method.PUT],
  [4, Method.DELETE],
]);

// Letters outside ASCII can become ASCII in upper case ("poſt"); they are no method's name.
const LETTERS = /^[a-z]+$/i;

/**
 * The method that `value` stands for: a name in any case, or 1 to 4 as a number.
 * Anything else, `"1"` and `true` included, is `undefined`.
 */
export const parseMethod = (value: unknown): Method | undefined =>
  METHODS.get(value) ??
  (typeof value === "string" && LETTERS.test(value) ? METHODS.get(value.toUpperCase()) : undefined);
