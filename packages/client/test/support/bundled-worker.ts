import { pathToFileURL } from "node:url";

/** Where a worker is that was bundled before the tests. */
export const bundledWorker = (variable: string): URL => {
  const path = process.env[variable];
  if (path === undefined) throw new Error(`${variable} is not set: bundle-workers.ts has not run`);
  return pathToFileURL(path);
};
