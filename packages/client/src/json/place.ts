const NAME = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** A place inside a JSON value as text: `body[3].x`, `header["odd key"]`; empty for the value itself. */
export const placeText = (keys: readonly (string | number)[]): string =>
  keys
    .map((key, index) => {
      if (typeof key === "number") return `[${key}]`;
      if (!NAME.test(key)) return `[${JSON.stringify(key)}]`;
      return index === 0 ? key : `.${key}`;
    })
    .join("");
