/** What JSON calls an object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a value is one: neither null nor a list. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
