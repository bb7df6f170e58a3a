import type { ConnectionFlags } from "../connecting/connection-options.ts";

/** A broker that has been given a name, without secrets: where to find those. */
export interface Context extends Omit<
  ConnectionFlags,
  "broker" | "context" | "password" | "verbose"
> {
  readonly broker: string;
  /** Its first line of output is the password. */
  readonly passwordCommand?: string;
}

/** All contexts of a user. */
export interface Contexts {
  /** The name of the one in use. */
  readonly current?: string | undefined;
  /** The one in use before, for `use -`. */
  readonly previous?: string | undefined;
  readonly contexts: Readonly<Record<string, Context>>;
}
