/** What a call throws. */
export const thrownBy = (call: () => unknown): unknown => {
  let value: unknown;
  try {
    value = call();
  } catch (error) {
    return error;
  }
  throw new Error(`expected the call to throw; it gave ${JSON.stringify(value)}`);
};

/** The same where it is to be an error. */
export const errorOf = (call: () => unknown): Error => {
  const error = thrownBy(call);
  if (error instanceof Error) return error;
  throw new Error("what was thrown is no error", { cause: error });
};
