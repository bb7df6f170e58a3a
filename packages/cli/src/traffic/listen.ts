import type { IncomingMessage } from "gf-mqtt-client";

import type { Cli } from "../cli.ts";
import type { ConnectionFlags } from "../connecting/connection-options.ts";
import { clientOptions } from "../connecting/with-client.ts";
import type { KnownOptions } from "../connecting/with-client.ts";
import type { Output } from "../terminal/output.ts";
import type { OutputFlags } from "../terminal/output-options.ts";
import { createDecoder } from "./decode-message.ts";
import type { Decode } from "./decode-message.ts";
import { PacedOutput } from "./paced-output.ts";
import { Pairing } from "./pairing.ts";
import type { TrafficEvent } from "./pairing.ts";
import { tapBroker } from "./tap.ts";
import type { TapFlags } from "./tap.ts";
import { createFilter } from "./traffic-filter.ts";
import type { TrafficFilter } from "./traffic-filter.ts";
import { TrafficStatistics } from "./traffic-statistics.ts";
import { trafficDocument, trafficLine } from "./traffic-text.ts";

/** Options of `listen`. */
export interface ListenFlags extends ConnectionFlags, OutputFlags, TapFlags, TrafficFilter {
  /** A table instead of lines. */
  readonly stats?: boolean;
  readonly full?: boolean;
  /** Ends after so many events. */
  readonly count: number;
}

const DEFAULT_TIMEOUT_MS = 5_000;
const MOST_OPEN_REQUESTS = 10_000;
/** How often it looks for requests without an answer, and draws the table. */
const TICK_MS = 200;
const TABLE_MS = 1_000;
const LINES_AROUND_THE_TABLE = 4;

const NO_WRAP = "\u001B[?7l";
const WRAP = "\u001B[?7h";

/** Draws lines where the last ones were. */
const redraw = ({ write, isTerminal }: Output, lines: readonly string[], before: number): void => {
  if (!isTerminal) return;
  const up = before > 0 ? `\u001B[${String(before)}A` : "";
  const drawn = lines.map((line) => `\u001B[2K${line}\n`).join("");
  // Were a line continued below, as where characters are wide, the next table would not be drawn over this one.
  write(`${NO_WRAP}${up}${drawn}\u001B[0J${WRAP}`);
};

/** What is made of the traffic, as lines or as a table. */
class Listener {
  readonly #cli: Cli;
  readonly #flags: ListenFlags;
  readonly #decode: Decode;
  readonly #pairing: Pairing;
  readonly #isWanted: (event: TrafficEvent) => boolean;
  readonly #statistics = new TrafficStatistics();
  readonly #paced: PacedOutput;
  readonly #end = new AbortController();
  #events = 0;
  #drawnAt = -Infinity;
  #drawnLines = 0;

  constructor(cli: Cli, { namespace, timeoutMs }: KnownOptions, flags: ListenFlags) {
    this.#cli = cli;
    this.#flags = flags;
    this.#decode = createDecoder(namespace);
    this.#pairing = new Pairing({
      timeoutMs: timeoutMs ?? DEFAULT_TIMEOUT_MS,
      mostOpen: MOST_OPEN_REQUESTS,
    });
    this.#isWanted = createFilter(flags);
    this.#paced = new PacedOutput(cli.output, () => performance.now());
  }

  /** Fires after as many events as were wanted. */
  get end(): AbortSignal {
    return this.#end.signal;
  }

  hear({ topic, payload, retain }: IncomingMessage): void {
    const at = performance.timeOrigin + performance.now();
    this.#show(this.#pairing.take(this.#decode({ at, topic, payload, retain })));
  }

  #show(event: TrafficEvent): void {
    if (this.#end.signal.aborted || !this.#isWanted(event)) return;
    this.#events += 1;
    this.#statistics.take(event);
    const { json = false, stats = false, full = false, count } = this.#flags;
    if (!stats) {
      const { style, columns, isTerminal } = this.#cli.output;
      const width = full || !isTerminal ? Infinity : columns;
      const text = json ? trafficDocument(event) : trafficLine(event, { style, columns: width });
      this.#paced.line(text);
    }
    if (this.#events >= count) this.#end.abort();
  }

  tick(): void {
    for (const event of this.#pairing.expire(performance.timeOrigin + performance.now())) {
      this.#show(event);
    }
    if (this.#flags.stats === true && performance.now() - this.#drawnAt >= TABLE_MS) this.#draw();
  }

  #draw(): void {
    this.#drawnAt = performance.now();
    const { output } = this.#cli;
    const most = Math.max(1, output.rows - LINES_AROUND_THE_TABLE);
    const lines = this.#statistics.lines(output.style, most, output.columns);
    redraw(output, lines, this.#drawnLines);
    this.#drawnLines = lines.length;
  }

  /** What is said at the end. */
  finish(): void {
    const { output, errors } = this.#cli;
    const { stats = false, json = false, quiet = false } = this.#flags;
    this.#paced.tellLeftOut();
    if (stats && json) {
      const { messages, invalid, resources } = this.#statistics;
      output.line(JSON.stringify({ messages, invalid, resources }));
    } else if (stats && output.isTerminal) this.#draw();
    else if (stats)
      for (const line of this.#statistics.lines(output.style, Infinity)) output.line(line);
    const { forgotten } = this.#pairing;
    if (forgotten === 0 || quiet) return;
    errors.line(
      `${String(forgotten)} requests were open at once beyond ${String(MOST_OPEN_REQUESTS)}: whether they were answered is not known`,
    );
  }
}

/** Shows the traffic that a broker carries, until Ctrl-C or until there was enough. */
export const listen = async (
  cli: Cli,
  filters: readonly string[],
  flags: ListenFlags,
): Promise<void> => {
  const { quiet = false, json = false } = flags;
  const known = await clientOptions(cli, flags);
  const listener = new Listener(cli, known, flags);
  const ticking = setInterval(() => {
    listener.tick();
  }, TICK_MS);
  try {
    await tapBroker(cli, known, {
      ...flags,
      filters,
      enough: listener.end,
      onMessage: (message) => {
        listener.hear(message);
      },
      onReady: (topics) => {
        const { line, style } = cli.errors;
        if (!quiet && !json) line(style.dim(`listening to ${topics.join(", ")}`));
      },
    });
  } finally {
    clearInterval(ticking);
    listener.finish();
  }
};
