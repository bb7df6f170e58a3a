interface ProcessLike {
  readonly process?: { readonly versions?: { readonly node?: unknown } };
}

/** Whether this runtime opens TCP connections: Node does, and Bun and Deno, which present themselves as Node. */
export const hasTcp = (): boolean => {
  const { process }: ProcessLike = globalThis;
  return typeof process?.versions?.node === "string";
};
