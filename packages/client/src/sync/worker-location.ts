/** The module that a worker runs. */
export const workerUrl: URL = new URL("worker.js", import.meta.url);
