import { PublishRefusedError } from "../errors/connection-errors.ts";
import { ResponseCode } from "../errors/response-code.ts";
import { LruMap } from "../runtime/lru-map.ts";
import type { Clock } from "../runtime/platform.ts";
import type { PublishOutcome, QoS } from "../transport/transport.ts";
import type { RepeatsLimits } from "./options/repeats-options.ts";

/** An answer as it was sent. */
export interface SentAnswer {
  readonly payload: string | Uint8Array;
  /** Undefined: JSON. */
  readonly contentType?: string | undefined;
  readonly qos: QoS;
}

/** What tells a request from another one with the same id on the same topic. */
interface Asked {
  readonly source?: unknown;
  readonly method?: unknown;
  readonly path?: unknown;
}

/** Under which a request is known. */
export interface RequestKey {
  readonly topic: string;
  readonly id: string;
}

/** A request that was taken, for as long as it is remembered. */
export interface Handled {
  readonly key: RequestKey;
  /** Where this and the next are no texts, the request is refused anyway, and what they are need not be kept. */
  readonly source: string | null;
  readonly method: string | null;
  readonly path: string | null;
  /** Another one with the same id that runs at the same time. */
  other: Handled | undefined;
  /** When it came, then when it was answered, in monotonic ms. */
  at: number;
  /** Characters of all that is kept of it. */
  weight: number;
  /** Copies of the same delivery that are still to come: one for each further filter that matches. */
  copiesLeft: number;
  /** Its handlers run, or wait for it. */
  isRunning: boolean;
  /** It has its answer, or gets none: no answer is to be waited for. */
  isSettled: boolean;
  /** What a repeat gets; undefined before the answer, and where it is not kept. */
  answer: SentAnswer | undefined;
}

/** Which request is answered, and how. */
export interface AnswerContext {
  readonly header: Asked;
  readonly code: unknown;
}

/** How the sending of an answer ends; what is known at once comes at once. */
type Sending = PublishOutcome | Promise<PublishOutcome>;

/** What becomes of a request: its handlers run, or it is dropped, or it gets the answer of its first run. */
export type Verdict = Handled | "drop" | SentAnswer;

/** Copies for several filters come right after each other (MQTT 5 §3.3.4); what comes later, in ms, is a repeat. */
const COPIES_WITHIN_MS = 250;
/** What is remembered of requests for the copies that may come where no answers are kept. */
const REMEMBERED = { maxAnswers: 2_048, maxBytes: 8 * 1024 * 1024 };

/** The key of a request, whatever was put in the place of its id. */
export const requestKey = (topic: string, requestId: unknown): RequestKey => ({
  topic,
  id: String(requestId),
});

const isOf = ({ key }: Handled, { topic, id }: RequestKey): boolean =>
  key.topic === topic && key.id === id;

/** The slot of a request whose id is in use on another topic. */
const ownSlot = ({ topic, id }: RequestKey): string => `${topic}\0${id}`;

const textOrNull = (value: unknown): string | null => (typeof value === "string" ? value : null);

const isSame = (one: Handled, { source, method, path }: Asked): boolean =>
  one.source === textOrNull(source) &&
  one.method === textOrNull(method) &&
  one.path === textOrNull(path);

/** Whether an answer may be meant for a request: what the answer does not tell is not looked at. */
const mayBe = (one: Handled, { source, method, path }: Asked): boolean =>
  (source === undefined || one.source === source) &&
  (method === undefined || one.method === method) &&
  (path === undefined || one.path === path);

const lengthOf = (text: string | null): number => text?.length ?? 0;

/** Sees to it that a request that comes twice runs its handlers once, by topic, id and source. */
export class Repeats {
  readonly #limits: RepeatsLimits;
  readonly #clock: Clock;
  /** Of those whose handlers run, or wait for it, the latest with an id; it leads to the others. */
  readonly #running = new Map<string, Handled>();
  /** By their ids, which hardly ever come on two topics: to put topic and id together costs more than all the rest. */
  readonly #ended: LruMap<string, Handled>;
  /** Whether some have slots of their own beside that of their id. */
  #hasOwnSlots = false;
  /** What weighs more does not fit in. */
  readonly #mostWeight: number;

  constructor(limits: RepeatsLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
    const { maxAnswers, maxBytes } = limits ?? REMEMBERED;
    this.#mostWeight = maxBytes / 2;
    this.#ended = new LruMap(maxAnswers, { maxWeight: maxBytes, weigh: ({ weight }) => weight });
  }

  /**
   * Says what becomes of a request that has arrived. One that is to run is kept in mind until {@link Repeats.end}.
   *
   * @param copies - how many copies of the same delivery may follow.
   */
  begin(key: RequestKey, asked: Asked, copies: number): Verdict {
    const other = this.#running.get(key.id);
    const known = this.#find(key, asked, isSame);
    const verdict = known === undefined ? "run" : this.#repeat(known);
    if (verdict !== "run") return verdict;
    const source = textOrNull(asked.source);
    const method = textOrNull(asked.method);
    const path = textOrNull(asked.path);
    const handled: Handled = {
      key,
      source,
      method,
      path,
      other,
      at: this.#clock.monotonicMs(),
      weight: key.topic.length + key.id.length + lengthOf(source) + lengthOf(path),
      copiesLeft: copies,
      isRunning: true,
      isSettled: false,
      answer: undefined,
    };
    this.#running.set(key.id, handled);
    return handled;
  }

  #find(key: RequestKey, asked: Asked, isMeant: typeof isSame): Handled | undefined {
    for (let one = this.#running.get(key.id); one !== undefined; one = one.other) {
      if (isOf(one, key) && isMeant(one, asked)) return one;
    }
    const ended = this.#endedOf(key);
    return ended !== undefined && isMeant(ended, asked) ? ended : undefined;
  }

  #endedOf(key: RequestKey): Handled | undefined {
    const ended = this.#ended.get(key.id);
    if (ended !== undefined && isOf(ended, key)) return ended;
    return this.#hasOwnSlots ? this.#ended.get(ownSlot(key)) : undefined;
  }

  /** The latest of those that run. */
  #runningOf(key: RequestKey): Handled | undefined {
    let one = this.#running.get(key.id);
    while (one !== undefined && !isOf(one, key)) one = one.other;
    return one;
  }

  #isCopy(handled: Handled): boolean {
    if (handled.copiesLeft === 0) return false;
    if (this.#clock.monotonicMs() - handled.at >= COPIES_WITHIN_MS) return false;
    handled.copiesLeft -= 1;
    return true;
  }

  #repeat(handled: Handled): "run" | "drop" | SentAnswer {
    const { isRunning, isSettled, answer, at } = handled;
    if (this.#isCopy(handled)) return "drop";
    const limits = this.#limits;
    const isOver =
      !isRunning && (limits === undefined || this.#clock.monotonicMs() - at >= limits.keepMs);
    if (isOver) return "run";
    // Without an answer so far, one may come yet, even after its handlers have ended.
    return answer ?? (isSettled ? "run" : "drop");
  }

  /** Ids of the requests whose handlers run, or wait for it. */
  get running(): number {
    return this.#running.size;
  }

  /** The request that is answered; handlers may have changed what they were given. */
  #answered(key: RequestKey, header: Asked): Handled | undefined {
    return this.#find(key, header, mayBe) ?? this.#runningOf(key) ?? this.#endedOf(key);
  }

  /** Whether a request has been answered. */
  isAnswered(key: RequestKey, header: Asked): boolean {
    return this.#answered(key, header)?.isSettled === true;
  }

  /**
   * Keeps the first answer to a request. One that says that there is no time for it now is not kept: it may be asked again.
   *
   * @param header - of the request, or of the response where only that is known.
   * @returns what {@link Repeats.follow} takes; undefined: it was not the first, or answers nothing that came here.
   */
  keep(key: RequestKey, { header, code }: AnswerContext, answer: SentAnswer): Handled | undefined {
    const handled = this.#answered(key, header);
    if (handled === undefined || handled.isSettled) return undefined;
    handled.isSettled = true;
    handled.at = this.#clock.monotonicMs();
    const weight = handled.weight + answer.payload.length;
    const isKept = this.#limits !== undefined && code !== ResponseCode.SERVICE_UNAVAILABLE;
    if (!isKept || weight > this.#mostWeight) return handled;
    handled.answer = answer;
    handled.weight = weight;
    if (!handled.isRunning) this.#put(handled);
    return handled;
  }

  /** Passes on how the sending of an answer ends. What the broker refuses was none: there may be another. */
  follow(handled: Handled | undefined, outcome: Sending): Sending {
    return handled === undefined || typeof outcome !== "object"
      ? outcome
      : this.#followed(handled, outcome);
  }

  async #followed(handled: Handled, outcome: Promise<PublishOutcome>): Promise<PublishOutcome> {
    try {
      return await outcome;
    } catch (error) {
      if (error instanceof PublishRefusedError) {
        handled.answer = undefined;
        handled.isSettled = !handled.isRunning;
      }
      throw error;
    }
  }

  /**
   * Tells that the handlers of a request have ended.
   *
   * @param isWanted - whether there was one that wanted it; if not, a later one may.
   */
  end(handled: Handled, isWanted: boolean): void {
    if (!this.#take(handled)) return;
    if (!isWanted) handled.isSettled = true;
    this.#remember(handled);
  }

  /** Takes a request from those that run; false where it was forgotten before. */
  #take(handled: Handled): boolean {
    const { id } = handled.key;
    let last: Handled | undefined;
    for (let one = this.#running.get(id); one !== handled; one = one.other) {
      if (one === undefined) return false;
      last = one;
    }
    if (last !== undefined) last.other = handled.other;
    else if (handled.other === undefined) this.#running.delete(id);
    else this.#running.set(id, handled.other);
    handled.other = undefined;
    return true;
  }

  /** Keeps in mind what makes a difference to a copy or a repeat. */
  #remember(handled: Handled): void {
    const { copiesLeft, isSettled, answer, weight } = handled;
    handled.isRunning = false;
    const isKept = this.#limits !== undefined && (answer !== undefined || !isSettled);
    if ((isKept || copiesLeft > 0) && weight <= this.#mostWeight) this.#put(handled);
  }

  /** In the slot of its id, unless that is taken by one on another topic. */
  #put(handled: Handled): void {
    const { key } = handled;
    const there = this.#ended.get(key.id);
    const isFree = there === undefined || isOf(there, key);
    if (!isFree) this.#hasOwnSlots = true;
    this.#ended.set(isFree ? key.id : ownSlot(key), handled);
  }

  /** Forgets the requests that are not answered: those that waited for their handlers never will be. */
  clear(): void {
    for (const latest of this.#running.values()) {
      for (let one: Handled | undefined = latest; one !== undefined; one = one.other) {
        if (one.isSettled) this.#remember(one);
      }
    }
    this.#running.clear();
  }
}
