import type { ClientState } from "../client/session.ts";

const STATES: readonly ClientState[] = ["idle", "connecting", "online", "reconnecting", "closed"];

const RINGS = 0;
const BEATS = 1;
const HAS_ENDED = 2;
const STATE = 3;
const LOGS_TAKEN = 4;
const CELLS = 5;

/** Numbers that both threads see at once: the only thing that a parked thread can wait for. */
export class SharedCells {
  readonly buffer: SharedArrayBuffer;
  readonly #cells: Int32Array;

  /** @param buffer - that of the other thread's cells; default: a new one. */
  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(CELLS * 4)) {
    this.buffer = buffer;
    this.#cells = new Int32Array(buffer);
  }

  /** How often the worker has rung. */
  get rings(): number {
    return Atomics.load(this.#cells, RINGS);
  }

  /** Wakes the caller's thread if it is parked. */
  ring(): void {
    Atomics.add(this.#cells, RINGS, 1);
    Atomics.notify(this.#cells, RINGS);
  }

  /** Parks until the worker rings, not at all where it has since `seen`; false when `timeoutMs` went by without. */
  park(seen: number, timeoutMs: number): boolean {
    return Atomics.wait(this.#cells, RINGS, seen, timeoutMs) !== "timed-out";
  }

  /** How often the worker has shown that it lives. */
  get beats(): number {
    return Atomics.load(this.#cells, BEATS);
  }

  beat(): void {
    Atomics.add(this.#cells, BEATS, 1);
  }

  /** Whether the worker is at its end. */
  get hasEnded(): boolean {
    return Atomics.load(this.#cells, HAS_ENDED) === 1;
  }

  end(): void {
    Atomics.store(this.#cells, HAS_ENDED, 1);
    this.ring();
  }

  /** Where the client stands. */
  get state(): ClientState {
    return STATES[Atomics.load(this.#cells, STATE)] ?? "idle";
  }

  set state(state: ClientState) {
    Atomics.store(this.#cells, STATE, STATES.indexOf(state));
  }

  /** Log entries that the caller's thread has taken out of the channel. */
  get logsTaken(): number {
    return Atomics.load(this.#cells, LOGS_TAKEN);
  }

  noteLogTaken(): void {
    Atomics.add(this.#cells, LOGS_TAKEN, 1);
  }
}
