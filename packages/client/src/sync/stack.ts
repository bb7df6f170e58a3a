/** Has the stack of an error begin where this function was called. */
export const pointToCallOf = (error: Error, called: (...args: never) => unknown): void => {
  Error.captureStackTrace(error, called);
  // Bun leaves no trace of tail calls, and nothing at all below a function that was called in one.
  if (error.stack?.includes("\n    at ") !== true) Error.captureStackTrace(error);
};
