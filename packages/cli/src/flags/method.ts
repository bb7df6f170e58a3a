import type { Method } from "gf-mqtt-client";

/** What may be asked of a resource. Written out: the library is not loaded for `--help`. */
export const METHODS: readonly Method[] = ["GET", "PUT", "POST", "DELETE"];
