import type { QoS } from "../../../src/index.ts";
import { matchesFilter } from "../../../src/protocol/topic-filter.ts";
import { Arrivals } from "../arrivals.ts";

/** A message that a peer got. */
export interface Heard {
  readonly topic: string;
  readonly text: string;
  readonly qos: QoS;
  readonly retain: boolean;
  /** Of MQTT 5, where it is spoken over a network. */
  readonly properties?: {
    readonly responseTopic: string | undefined;
    readonly correlationData: string | undefined;
    readonly expirySeconds: number | undefined;
  };
}

/** Sorts what one connection brings by the filters that it was subscribed for. */
export class Hearing {
  readonly #listeners: { readonly filter: string; readonly heard: Arrivals<Heard> }[] = [];

  /** What comes for a filter from now on. */
  listen(filter: string): Arrivals<Heard> {
    const heard = new Arrivals<Heard>(`a message for ${filter}`);
    this.#listeners.push({ filter, heard });
    return heard;
  }

  hear(message: Heard): void {
    for (const { filter, heard } of this.#listeners) {
      if (matchesFilter(filter, message.topic)) heard.push(message);
    }
  }
}
