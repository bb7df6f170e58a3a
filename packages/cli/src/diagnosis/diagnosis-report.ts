import type { Style } from "../terminal/output.ts";
import { safeText } from "../terminal/safe-text.ts";
import type { Finding, FindingStatus } from "./finding.ts";

const MARKS: Readonly<Record<FindingStatus, string>> = { ok: "✔", failed: "✘", unknown: "–" };
const TITLE_COLUMNS = 18;

const mark = (status: FindingStatus, style: Style): string => {
  if (status === "unknown") return style.dim(MARKS.unknown);
  return (status === "ok" ? style.good : style.bad)(MARKS[status]);
};

const BEFORE_TITLE = 4;
const BEFORE_ADVICE = 6;
const LEAST_COLUMNS = 30;

/** A text in lines of this length at most, as far as its words let it. */
export const wrap = (text: string, columns: number): string[] => {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && longer.length > columns) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
};

interface Page {
  readonly style: Style;
  /** Longer lines are broken. */
  readonly columns: number;
}

/** The titles, with the text beside them, or below where they are many. */
const findingLines = (finding: Finding, titles: string, { style, columns }: Page): string[] => {
  const { status, text, advice } = finding;
  const isBeside = titles.length <= TITLE_COLUMNS;
  const indent = BEFORE_TITLE + (isBeside ? TITLE_COLUMNS + 1 : 0);
  const room = (before: number): number => Math.max(LEAST_COLUMNS, columns - before);
  const shown = wrap(text, room(indent)).map((line) =>
    status === "unknown" ? style.dim(line) : line,
  );
  const [first = "", ...rest] = shown;
  const head = `  ${mark(status, style)} ${titles.padEnd(isBeside ? TITLE_COLUMNS : 0)}`;
  const blank = " ".repeat(indent);
  const lines = isBeside
    ? [`${head} ${first}`, ...rest.map((line) => blank + line)]
    : [head, ...shown.map((line) => blank + line)];
  if (advice === undefined) return lines;
  const [next = "", ...further] = wrap(advice, room(BEFORE_ADVICE));
  const below = further.map((line) => " ".repeat(BEFORE_ADVICE) + line);
  return [...lines, `    ${style.dim("→")} ${next}`, ...below];
};

const isSame = (one: Finding, other: Finding): boolean =>
  one.status === "unknown" &&
  other.status === "unknown" &&
  one.group === other.group &&
  one.text === other.text;

/**
 * Prints findings as they come, below the names of their groups; where nothing can be told of several for the same reason,
 * it is told once.
 */
export class DiagnosisReport {
  readonly #page: Page;
  readonly #line: (text: string) => void;
  #group: string | undefined;
  #waiting: Finding[] = [];

  constructor(page: Page, line: (text: string) => void) {
    this.#page = page;
    this.#line = line;
  }

  /** Prints it, or keeps it until something else comes; names that brokers and devices give themselves are escaped. */
  add(found: Finding): void {
    const { text, advice } = found;
    const finding: Finding = {
      ...found,
      text: safeText(text),
      ...(advice !== undefined && { advice: safeText(advice) }),
    };
    const [first] = this.#waiting;
    if (first !== undefined && !isSame(first, finding)) this.flush();
    this.#waiting.push(finding);
    if (finding.status !== "unknown") this.flush();
  }

  /** Prints what waits for others of the same kind. */
  flush(): void {
    const [first] = this.#waiting;
    if (first === undefined) return;
    if (first.group !== this.#group) this.#line(this.#page.style.bold(first.group));
    this.#group = first.group;
    const titles = this.#waiting.map(({ title }) => title).join(", ");
    for (const text of findingLines(first, titles, this.#page)) this.#line(text);
    this.#waiting = [];
  }
}

/** The last line: how many checks failed. */
export const verdictLine = (findings: readonly Finding[], style: Style): string => {
  const failures = findings.filter(({ status }) => status === "failed").length;
  if (failures === 0) return style.good("All is well.");
  return style.bad(failures === 1 ? "One check failed." : `${String(failures)} checks failed.`);
};

/** What `--json` prints. */
export const diagnosisDocument = (
  findings: readonly Finding[],
  { broker, isConnected }: { readonly broker: string; readonly isConnected: boolean },
): object => ({
  broker,
  connected: isConnected,
  ok: findings.every(({ status }) => status !== "failed"),
  checks: findings.map(({ id, group, title, status, text, advice = null, data = {} }) => ({
    id,
    group,
    title,
    status,
    text,
    advice,
    data,
  })),
});
