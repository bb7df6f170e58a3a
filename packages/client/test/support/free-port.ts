import { createServer } from "node:net";
import { listenLocally } from "./local-server.ts";

/**
 * Finds a port that is free at this moment.
 *
 * Another process may take it before the caller does, so bind it at once and try again on failure;
 * whatever can bind port 0 itself should do so instead.
 */
export async function freePort(): Promise<number> {
  const server = await listenLocally(createServer());
  await server.close();
  return server.port;
}
