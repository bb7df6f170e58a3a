import type { ClientState } from "../client/session.ts";

/** What the workers of a thread wake it by: the only thing that a parked thread can wait for. */
export class Wakeup {
  readonly buffer: SharedArrayBuffer;
  readonly #cell: Int32Array;

  /** @param buffer - that of the other thread; default: a new one. */
  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(4)) {
    this.buffer = buffer;
    this.#cell = new Int32Array(buffer);
  }

  /** How often it has happened, counted with 32 bits. */
  get count(): number {
    return Atomics.load(this.#cell, 0);
  }

  /** Wakes the thread if it is parked. */
  wake(): void {
    Atomics.add(this.#cell, 0, 1);
    Atomics.notify(this.#cell, 0);
  }

  /** Parks until it is woken, not at all where it was since `seen`; false when `timeoutMs` went by without. */
  park(seen: number, timeoutMs: number): boolean {
    return Atomics.wait(this.#cell, 0, seen, timeoutMs) !== "timed-out";
  }
}

const STATES: readonly ClientState[] = ["idle", "connecting", "online", "reconnecting", "closed"];

const HEARTBEATS = 0;
const HAS_ENDED = 1;
const STATE = 2;
const LOGS_TAKEN = 3;
const HANDLERS = 4;
const OPEN_FILE = 5;
const CELLS = 6;

const INCOMING = 1;
const OUTGOING = 2;

/** Which handlers the caller's thread has. */
export interface HandlerPresence {
  readonly hasIncoming: boolean;
  readonly hasOutgoing: boolean;
}

/** Numbers of one client that both of its threads see at once, whatever waits in the channel between them. */
export class SharedCells {
  readonly buffer: SharedArrayBuffer;
  readonly #cells: Int32Array;

  /** @param buffer - that of the other thread's cells; default: a new one. */
  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(CELLS * 4)) {
    this.buffer = buffer;
    this.#cells = new Int32Array(buffer);
  }

  /** How often the worker has shown that it lives. */
  get heartbeats(): number {
    return Atomics.load(this.#cells, HEARTBEATS);
  }

  beat(): void {
    Atomics.add(this.#cells, HEARTBEATS, 1);
  }

  /** Whether the worker is at its end. */
  get hasEnded(): boolean {
    return Atomics.load(this.#cells, HAS_ENDED) === 1;
  }

  end(): void {
    Atomics.store(this.#cells, HAS_ENDED, 1);
  }

  /**
   * A file that the worker keeps open, 0 where it could not open one. It is closed with the thread, however that
   * ends, and both threads have the same descriptors.
   */
  get openFile(): number {
    return Atomics.load(this.#cells, OPEN_FILE);
  }

  set openFile(descriptor: number) {
    Atomics.store(this.#cells, OPEN_FILE, descriptor);
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

  get handlers(): HandlerPresence {
    const bits = Atomics.load(this.#cells, HANDLERS);
    return { hasIncoming: (bits & INCOMING) !== 0, hasOutgoing: (bits & OUTGOING) !== 0 };
  }

  set handlers({ hasIncoming, hasOutgoing }: HandlerPresence) {
    const bits = (hasIncoming ? INCOMING : 0) | (hasOutgoing ? OUTGOING : 0);
    Atomics.store(this.#cells, HANDLERS, bits);
  }
}
