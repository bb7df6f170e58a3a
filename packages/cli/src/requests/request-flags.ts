import type { Method } from "gf-mqtt-client";

import type { ConnectionFlags } from "../connecting/connection-options.ts";
import type { OutputFlags } from "../terminal/output-options.ts";
import type { Resource } from "./resource.ts";

/** Options of `get`, `put`, `post` and `delete`. */
export interface RequestFlags extends ConnectionFlags, OutputFlags {
  readonly text?: boolean;
  readonly token?: string;
  readonly correlationId?: string;
  readonly retry?: number;
  /** How often to ask; without it, and with `every`, until Ctrl-C. */
  readonly repeat?: number;
  /** In ms. */
  readonly every?: number;
  readonly output?: string;
  readonly plot?: boolean;
  readonly full?: boolean;
  readonly include?: boolean;
  readonly showCommand?: boolean;
}

/** What one of these commands was told. */
export interface AskedRequest {
  readonly method: Method;
  readonly target: string;
  readonly resource: Resource;
  /** The body as it was typed. */
  readonly words: readonly string[];
  readonly flags: RequestFlags;
}
