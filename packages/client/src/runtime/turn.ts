interface TurnScheduler {
  readonly process?: { readonly nextTick?: (callback: () => void) => void };
}

/**
 * Calls back within this turn of the event loop, when the promises that are settled by now have run, and those
 * that they settled in turn. Where there are no ticks, in browsers, the latter may still be under way.
 */
export const afterPromises = (callback: () => void): void => {
  const { process }: TurnScheduler = globalThis;
  const nextTick = process?.nextTick;
  // Ticks go before promises, unless it is a promise that asks for one.
  queueMicrotask(() => {
    if (nextTick === undefined) queueMicrotask(callback);
    else nextTick(callback);
  });
};
