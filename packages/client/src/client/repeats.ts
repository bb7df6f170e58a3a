import { ResponseCode } from "../errors/response-code.ts";
import { DURATION_MS, orDefault, refuseUnknownOptions, wholeNumber } from "../options/checks.ts";
import { LruMap } from "../runtime/lru-map.ts";
import type { Clock } from "../runtime/platform.ts";
import type { QoS } from "../transport/transport.ts";

/** How many answers are kept, and how long, for requests that come again. */
export interface RepeatsOptions {
  /**
   * Most answers kept at a time.
   * @default 1000
   */
  readonly maxAnswers?: number | undefined;
  /**
   * Characters of all that are kept; an answer of more than half of that is not.
   * @default 8388608 (8 Mi)
   */
  readonly maxBytes?: number | undefined;
  /**
   * How long an answer is kept, in ms.
   * @default 60000
   */
  readonly keepMs?: number | undefined;
}

/** The same once checked; `undefined`: nothing is kept. */
export type RepeatsLimits = { readonly [Name in keyof RepeatsOptions]-?: number } | undefined;

/** @throws {OptionError} the option holds what it cannot hold. */
export const readRepeats = (repeats: RepeatsOptions | false | undefined): RepeatsLimits => {
  if (repeats === false) return undefined;
  const given = orDefault(repeats, {});
  refuseUnknownOptions(given, new Set(["maxAnswers", "maxBytes", "keepMs"]), "repeats");
  const { maxAnswers, maxBytes, keepMs } = given;
  return {
    maxAnswers: wholeNumber("repeats.maxAnswers", orDefault(maxAnswers, 1_000), {
      min: 1,
      max: 1_000_000,
    }),
    maxBytes: wholeNumber("repeats.maxBytes", orDefault(maxBytes, 8 * 1024 * 1024), {
      min: 1,
      max: Infinity,
      unit: "bytes",
    }),
    keepMs: wholeNumber("repeats.keepMs", orDefault(keepMs, 60_000), DURATION_MS),
  };
};

/** An answer as it was sent. */
export interface SentAnswer {
  readonly text: string;
  readonly qos: QoS;
}

/** What tells a request from another one with the same id on the same topic. */
interface Asked {
  readonly source?: unknown;
  readonly method?: unknown;
  readonly path?: unknown;
}

interface Handled {
  readonly asked: Asked;
  /** When it came, then when it was answered, in monotonic ms. */
  at: number;
  /** Copies of the same delivery that are still to come: one for each further filter that matches. */
  copiesLeft: number;
  isAnswered: boolean;
  /** What a repeat gets; undefined before the answer, and where it is not kept. */
  answer: SentAnswer | undefined;
}

/** What becomes of a request: its handlers run, or it is dropped, or it gets the answer of its first run. */
export type Verdict = "run" | "drop" | SentAnswer;

/** Copies for several filters come right after each other (MQTT 5 §3.3.4); what comes later, in ms, is a repeat. */
const COPIES_WITHIN_MS = 250;
/** How many requests are remembered for the copies that may come where no answers are kept. */
const REMEMBERED = 2_048;

/** Under which a request is known, as text: its topic and its id. */
export const requestKey = (topic: string, requestId: unknown): string =>
  `${topic} ${String(requestId)}`;

const isSame = (one: Asked, other: Asked): boolean =>
  one.source === other.source && one.method === other.method && one.path === other.path;

const answerLength = ({ answer }: Handled): number => answer?.text.length ?? 0;

/** Sees to it that a request that comes twice runs its handlers once, by topic, id and source. */
export class Repeats {
  readonly #limits: RepeatsLimits;
  readonly #clock: Clock;
  /** Those whose handlers run, or wait for it. */
  readonly #running = new Map<string, Handled>();
  readonly #ended: LruMap<string, Handled>;

  constructor(limits: RepeatsLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
    const { maxAnswers, maxBytes } = limits ?? { maxAnswers: REMEMBERED, maxBytes: Infinity };
    this.#ended = new LruMap(maxAnswers, { maxWeight: maxBytes, weigh: answerLength });
  }

  /**
   * Says what becomes of a request that has arrived. One that is to run is kept in mind until {@link Repeats.end}.
   *
   * @param copies - how many copies of the same delivery may follow.
   */
  begin(key: string, asked: Asked, copies: number): Verdict {
    const running = this.#running.get(key);
    if (running !== undefined && isSame(running.asked, asked)) {
      return this.#isCopy(running) ? "drop" : (running.answer ?? "drop");
    }
    const ended = running === undefined ? this.#ended.get(key) : undefined;
    const verdict = ended !== undefined && isSame(ended.asked, asked) ? this.#repeat(ended) : "run";
    if (verdict !== "run") return verdict;
    const { source, method, path } = asked;
    this.#running.set(key, {
      asked: { source, method, path },
      at: this.#clock.monotonicMs(),
      copiesLeft: copies,
      isAnswered: false,
      answer: undefined,
    });
    return "run";
  }

  #isCopy(handled: Handled): boolean {
    if (handled.copiesLeft === 0) return false;
    if (this.#clock.monotonicMs() - handled.at >= COPIES_WITHIN_MS) return false;
    handled.copiesLeft -= 1;
    return true;
  }

  #repeat(handled: Handled): Verdict {
    if (this.#isCopy(handled)) return "drop";
    const limits = this.#limits;
    if (limits === undefined || this.#clock.monotonicMs() - handled.at >= limits.keepMs)
      return "run";
    // Without an answer so far, one may come yet: its handlers have not given it before they ended.
    return handled.answer ?? (handled.isAnswered ? "run" : "drop");
  }

  /** Requests whose handlers run, or wait for it. */
  get running(): number {
    return this.#running.size;
  }

  /** Whether a request has been answered. */
  isAnswered(key: string): boolean {
    return (this.#running.get(key) ?? this.#ended.get(key))?.isAnswered === true;
  }

  /** Keeps the first answer to a request. One that says that there is no time for it now is not kept: it may be asked again. */
  keep(key: string, code: unknown, answer: SentAnswer): void {
    const running = this.#running.get(key);
    const handled = running ?? this.#ended.get(key);
    if (handled === undefined || handled.isAnswered) return;
    handled.isAnswered = true;
    handled.at = this.#clock.monotonicMs();
    const limits = this.#limits;
    if (limits === undefined || code === ResponseCode.SERVICE_UNAVAILABLE) return;
    if (answer.text.length > limits.maxBytes / 2) return;
    handled.answer = answer;
    if (running === undefined) this.#ended.set(key, handled);
  }

  /**
   * Tells that the handlers of a request have ended.
   *
   * @param isWanted - whether there was one that wanted it; if not, a later one may.
   */
  end(key: string, isWanted: boolean): void {
    const handled = this.#running.get(key);
    if (handled === undefined) return;
    this.#running.delete(key);
    if (isWanted || handled.isAnswered || handled.copiesLeft > 0) this.#ended.set(key, handled);
  }

  /** Forgets the requests that are not answered: those that waited for their handlers never will be. */
  clear(): void {
    for (const [key, { isAnswered }] of this.#running) if (isAnswered) this.end(key, true);
    this.#running.clear();
  }
}
