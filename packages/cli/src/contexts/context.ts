/** A broker that has been given a name, without secrets: where to find those. */
export interface Context {
  readonly broker: string;
  readonly username?: string;
  readonly passwordFile?: string;
  /** Its first line of output is the password. */
  readonly passwordCommand?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
  readonly insecure?: boolean;
  readonly identifier?: string;
  readonly namespace?: string;
  /** In ms. */
  readonly timeout?: number;
  readonly qos?: "0" | "1" | "2";
  readonly mqtt?: "3" | "5";
}

/** All contexts of a user. */
export interface Contexts {
  /** The name of the one in use. */
  readonly current?: string | undefined;
  /** The one in use before, for `use -`. */
  readonly previous?: string | undefined;
  readonly contexts: Readonly<Record<string, Context>>;
}
