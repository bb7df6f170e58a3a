// @ts-check

/** @typedef {import("./load.js").Load} Load */
/** @typedef {import("./load.js").LoadResult} LoadResult */
/** @typedef {import("./load.js").Batch} Batch */
/** @typedef {{ devices: number, payloadBytes: number, isGroup: boolean }} Many Whom `requestMany()` asks. */

/**
 * @typedef {object} Commands What a process can be told, by name. Each knows some of them.
 * @property {{ argument: undefined, result: string }} url Where the broker listens.
 * @property {{ argument: Load, result: LoadResult }} load Sends requests for some time, and measures.
 * @property {{ argument: Batch, result: number }} batch Sends so many requests; gives how long that took, in ms.
 * @property {{ argument: Many, result: number }} many Asks many devices; gives how long that took, in ms.
 * @property {{ argument: Batch, result: undefined }} hold Sends so many requests that nobody answers.
 * @property {{ argument: Batch, result: undefined }} holdTexts Makes the JSON of so many requests and keeps it.
 * @property {{ argument: undefined, result: undefined }} dropTexts
 * @property {{ argument: undefined, result: number }} heap Bytes in use after a garbage collection.
 * @property {{ argument: undefined, result: Meter }} meter
 * @property {{ argument: undefined, result: number }} subscriptions Topic filters held.
 */

/**
 * @typedef {object} Meter What a process has done since it began.
 * @property {number} cpuMicros Processor time.
 * @property {number} served Requests that arrived.
 */

/**
 * @typedef {{
 *   [Name in keyof Commands]?: (
 *     argument: Commands[Name]["argument"],
 *   ) => Commands[Name]["result"] | Promise<Commands[Name]["result"]>
 * } & { close: () => Promise<unknown> }} CommandHandlers
 */

/** @typedef {{ id: number, command: keyof Commands, argument: any }} Order */
/** @typedef {{ id: number, result?: unknown, error?: string }} Answer */

/** @param {CommandHandlers} handlers @param {Order} order @returns {Promise<Answer>} */
const carryOut = async (handlers, { id, command, argument }) => {
  try {
    /** @type {((argument: any) => unknown) | undefined} */
    const handler = handlers[command];
    if (handler === undefined) throw new Error(`this process does not know "${command}"`);
    return { id, result: await handler(argument) };
  } catch (error) {
    return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
};

/**
 * Does what the process that started this one says, until that one lets go of it or ends.
 *
 * @param {CommandHandlers} handlers
 */
export const serveCommands = (handlers) => {
  process.on("message", (message) => {
    void carryOut(handlers, /** @type {Order} */ (message)).then((answer) =>
      process.send?.(answer),
    );
  });
  process.once("disconnect", () => {
    void handlers.close().finally(() => process.exit());
  });
  process.send?.("ready");
};

/** Processor time that this process has taken, in µs. */
export const cpuMicros = () => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

/** Heap in use, in bytes, once all garbage is gone. */
export const heapBytes = () => {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error("this process was started without --expose-gc");
  // What finalizers let go of in the first is collected by the second.
  gc();
  gc();
  return process.memoryUsage().heapUsed;
};
