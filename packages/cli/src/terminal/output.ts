/** Where a command prints. */
export interface Output {
  /** Prints a line; none: an empty one. */
  readonly line: (text?: string) => void;
  /** Prints as it is. */
  readonly write: (text: string | Uint8Array) => void;
  /** Whether somebody watches, who likes colours and widths that fit. */
  readonly isTerminal: boolean;
  /** How wide it is, in characters; 80 where nobody watches. */
  readonly columns: number;
  /** How high it is, in lines; 24 where nobody watches. */
  readonly rows: number;
  /** How it marks what matters. */
  readonly style: Style;
}

/** Marks for a terminal; each gives the text as it is where there are no colours. */
export interface Style {
  readonly bold: (text: string) => string;
  /** Of less importance. */
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warning: (text: string) => string;
  /** What one can type or look up. */
  readonly name: (text: string) => string;
}
