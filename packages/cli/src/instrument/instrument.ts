import {
  NotFoundResponse,
  PreconditionFailedResponse,
  ServiceUnavailableResponse,
} from "gf-mqtt-client";

import { createWaveform, toHex } from "./waveform.ts";

/** Channels of the instrument. */
export const CHANNELS = 4;
/** Samples that a channel records at most. */
export const MOST_SAMPLES = 98_304;
const MOST_RESOURCES = 1_000;

/** Waits for a trigger, has recorded something, or neither. */
export type InstrumentState = "IDLE" | "ARMED" | "TRIGGERED";

/** What one channel has recorded. */
export interface Metric {
  readonly name: string;
  /** When it was triggered: epoch ms. */
  readonly timestamp: number;
  readonly properties: {
    readonly unit: string;
    /** Time of the first sample after the trigger, in s. */
    readonly t0: number;
    /** From one sample to the next, in s. */
    readonly dt: number;
  };
  /** Four hexadecimal digits a sample, in two's complement. */
  readonly data: string;
}

/** What the instrument has recorded. */
export interface Recording {
  readonly timestamp: number;
  readonly metrics: readonly Metric[];
}

/** What an instrument is made of. */
export interface InstrumentInit {
  /** Epoch ms. */
  readonly now: () => number;
  /** From 0 up to but not including 1. */
  readonly random: () => number;
}

/** A simulated data-acquisition board: what it is set to, and what it has recorded. No I/O. */
export class Instrument {
  readonly #init: InstrumentInit;
  readonly #resources = new Map<string, unknown>();
  #gains: readonly number[] = Array.from({ length: CHANNELS }, () => 1);
  #sampleRate = 1_000_000;
  #dataLength = 1_024;
  #state: InstrumentState = "IDLE";
  #lastUpdate: number;
  #recording: Recording | undefined;
  #created = 0;

  constructor(init: InstrumentInit) {
    this.#init = init;
    this.#lastUpdate = init.now();
  }

  get status(): { readonly state: InstrumentState; readonly last_update: number } {
    return { state: this.#state, last_update: this.#lastUpdate };
  }

  #setState(state: InstrumentState): void {
    this.#state = state;
    this.#lastUpdate = this.#init.now();
  }

  /** Amplification of each channel. */
  get gains(): readonly number[] {
    return this.#gains;
  }

  set gains(gains: readonly number[]) {
    this.#gains = gains;
  }

  /** Samples per second. */
  get sampleRate(): number {
    return this.#sampleRate;
  }

  set sampleRate(sampleRate: number) {
    this.#sampleRate = sampleRate;
  }

  /** Samples that each channel records. */
  get dataLength(): number {
    return this.#dataLength;
  }

  set dataLength(dataLength: number) {
    this.#dataLength = dataLength;
  }

  arm(): void {
    this.#setState("ARMED");
  }

  /** @throws {PreconditionFailedResponse} it is not armed. */
  trigger(): void {
    if (this.#state !== "ARMED") {
      throw new PreconditionFailedResponse(`the instrument is ${this.#state}; POST arm first`);
    }
    this.#setState("TRIGGERED");
    this.#recording = this.#record();
  }

  #record(): Recording {
    const timestamp = this.#init.now();
    const properties = { unit: "mV", t0: 0, dt: 1 / this.#sampleRate };
    const metrics = this.#gains.map((gain, channel): Metric => {
      const samples = createWaveform({
        samples: this.#dataLength,
        sampleRate: this.#sampleRate,
        frequency: 1_000 * (channel + 1),
        amplitude: 1_000 * gain,
        noise: 20 * gain,
        random: this.#init.random,
      });
      return {
        name: `channel_${String(channel + 1)}`,
        timestamp,
        properties,
        data: toHex(samples),
      };
    });
    return { timestamp, metrics };
  }

  /** @throws {NotFoundResponse} nothing has been recorded. */
  get recording(): Recording {
    if (this.#recording !== undefined) return this.#recording;
    throw new NotFoundResponse("nothing has been recorded; POST arm, then POST trigger");
  }

  /**
   * Keeps a value; gives the id that it is kept under.
   *
   * @throws {ServiceUnavailableResponse} there is no room for another one.
   */
  create(value: unknown): string {
    if (this.#resources.size >= MOST_RESOURCES) {
      throw new ServiceUnavailableResponse(`${String(MOST_RESOURCES)} resources are kept already`);
    }
    this.#created += 1;
    const id = String(this.#created);
    this.#resources.set(id, value);
    return id;
  }

  /** @throws {NotFoundResponse} there is none under this id. */
  read(id: string): unknown {
    this.#assertKept(id);
    return this.#resources.get(id);
  }

  /** @throws {NotFoundResponse} there is none under this id. */
  replace(id: string, value: unknown): void {
    this.#assertKept(id);
    this.#resources.set(id, value);
  }

  /** @throws {NotFoundResponse} there is none under this id. */
  delete(id: string): void {
    this.#assertKept(id);
    this.#resources.delete(id);
  }

  #assertKept(id: string): void {
    if (!this.#resources.has(id)) throw new NotFoundResponse(`there is no resources/${id}`);
  }
}
