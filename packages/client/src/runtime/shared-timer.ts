import type { Clock } from "./clock.ts";

interface Alarm {
  readonly at: number;
  readonly callback: () => void;
}

/**
 * A clock whose timers share one of the clock below. Nearly every deadline is cancelled long before it comes;
 * starting and stopping a real timer for each costs more than all other bookkeeping of a request.
 */
export class SharedTimer implements Clock {
  readonly #clock: Clock;
  readonly #alarms = new Set<Alarm>();
  #stopTimer: (() => void) | undefined;
  #ringsAt = Infinity;
  #isLingering = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  epochMs(): number {
    return this.#clock.epochMs();
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs();
  }

  /**
   * Whether the timer below goes on when nothing waits for it, so that the next wait finds it running. It
   * would keep a process alive that has nothing else to do, so only while something else does.
   */
  setLingering(isLingering: boolean): void {
    this.#isLingering = isLingering;
    this.#restIfIdle();
  }

  startTimer(callback: () => void, delayMs: number): () => void {
    const alarm: Alarm = { at: this.#clock.monotonicMs() + delayMs, callback };
    this.#alarms.add(alarm);
    if (alarm.at < this.#ringsAt) this.#setFor(alarm.at, delayMs);
    return () => {
      if (this.#alarms.delete(alarm)) this.#restIfIdle();
    };
  }

  #restIfIdle(): void {
    if (this.#isLingering || this.#alarms.size > 0) return;
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    this.#ringsAt = Infinity;
  }

  #setFor(at: number, delayMs: number): void {
    this.#stopTimer?.();
    this.#ringsAt = at;
    this.#stopTimer = this.#clock.startTimer(this.#ring, delayMs);
  }

  readonly #ring = (): void => {
    const now = this.#clock.monotonicMs();
    this.#stopTimer = undefined;
    this.#ringsAt = Infinity;
    const due: Alarm[] = [];
    let next = Infinity;
    for (const alarm of this.#alarms) {
      if (alarm.at <= now) due.push(alarm);
      else next = Math.min(next, alarm.at);
    }
    if (next < Infinity) this.#setFor(next, next - now);
    for (const alarm of due) {
      // One that rang before may have cancelled it.
      if (this.#alarms.delete(alarm)) alarm.callback();
    }
  };
}
