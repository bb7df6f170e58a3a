interface TurnScheduler {
  readonly process?: { readonly nextTick?: (callback: () => void) => void };
}

/**
 * Calls back within this turn of the event loop, when the promises that are settled by now have run. Where there
 * are no ticks, in browsers, what these promises settle in turn may still be under way.
 */
export const afterPromises = (callback: () => void): void => {
  const { process }: TurnScheduler = globalThis;
  const nextTick = process?.nextTick;
  if (nextTick === undefined) queueMicrotask(callback);
  else nextTick(callback);
};
