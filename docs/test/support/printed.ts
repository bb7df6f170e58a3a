import { Console } from "node:console";
import { Writable } from "node:stream";

/** A console whose output is kept, snippet by snippet. */
export interface Printer {
  readonly console: Console;
  /** What comes from now on belongs to the snippet at this line. */
  startSnippet(line: number): void;
  /** Prints what another process has printed. */
  print(text: string): void;
  /** What the snippet at this line has printed. */
  printedBy(line: number): string;
}

export const createPrinter = (): Printer => {
  const printed = new Map<number, string>();
  let current = 0;
  const print = (text: string): void => {
    printed.set(current, `${printed.get(current) ?? ""}${text}`);
  };
  const sink = new Writable({
    decodeStrings: false,
    write: (text: string, _encoding, done) => {
      print(text);
      done();
    },
  });
  return {
    console: new Console({ stdout: sink, colorMode: false }),
    startSnippet: (line) => {
      current = line;
    },
    print,
    printedBy: (line) => (printed.get(line) ?? "").trimEnd(),
  };
};

const escapeText = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");

/** A pattern for an output as a document shows it, in which `…` stands for any text within a line. */
export const patternOf = (shown: string): RegExp =>
  new RegExp(`^${shown.trimEnd().split("…").map(escapeText).join(".*")}$`);
