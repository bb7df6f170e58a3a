/** The module that a worker runs. Asked for when one is started: where a bundler has put it, it may be unknown. */
export const workerUrl = (): URL => new URL("./worker.js", import.meta.url);
