import type { DeviceState, DeviceStatus } from "../../protocol/status.ts";

/** A device, and whether it is there. */
export interface DevicePresence extends DeviceStatus {
  readonly identifier: string;
}

/** Whoever is told of changes. */
export type PresenceListener = (presence: DevicePresence) => void;

interface KnownDevice {
  presence: DevicePresence;
  /** Whether it was heard of since the link was lost. */
  isConfirmed: boolean;
}

/** Names come from the network: beyond that, the one that was not heard of for longest is forgotten. */
const MOST_DEVICES = 10_000;

/** What is known of the devices, each with its latest state. */
export class Roster {
  readonly #devices = new Map<string, KnownDevice>();
  readonly #listeners = new Set<PresenceListener>();

  /** How many devices are known. */
  get size(): number {
    return this.#devices.size;
  }

  stateOf(identifier: string): DeviceState | undefined {
    return this.#devices.get(identifier)?.presence.state;
  }

  /** Adds somebody to be told of changes; returns the function that takes it out again. Whoever is last leaves it empty. */
  listen(listener: PresenceListener): () => void {
    for (const { presence } of this.#devices.values()) listener(presence);
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#devices.clear();
    };
  }

  /** Takes note of what is heard; it is told where it is a change. */
  note(presence: DevicePresence): void {
    const { identifier, state } = presence;
    const known = this.#devices.get(identifier);
    // At the end, as the latest.
    this.#devices.delete(identifier);
    this.#devices.set(identifier, { presence, isConfirmed: true });
    if (this.#devices.size > MOST_DEVICES) this.#forgetOldest();
    if (known?.presence.state !== state) this.#tell(presence);
  }

  #forgetOldest(): void {
    const [oldest] = this.#devices.keys();
    if (oldest !== undefined) this.#devices.delete(oldest);
  }

  #tell(presence: DevicePresence): void {
    for (const listener of this.#listeners) listener(presence);
  }

  /** From now on, who is online has to be heard of again. */
  beginConfirmation(): void {
    for (const known of this.#devices.values()) known.isConfirmed = false;
  }

  /** Whoever was not heard of since is away: it left while nobody here could hear of it. */
  endConfirmation(): void {
    const state: DeviceState = "OFFLINE";
    for (const known of this.#devices.values()) {
      if (known.isConfirmed || known.presence.state === state) continue;
      known.presence = { ...known.presence, state };
      this.#tell(known.presence);
    }
  }
}
