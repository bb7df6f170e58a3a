import type { RespondingClient } from "./answering.ts";

/** Whether a request is for this device or one it stands for, or for a group it is in. */
export type Addressee = "device" | "group" | undefined;

/** What a router serves, as the topics of requests tell it. */
export interface Served {
  readonly subsystem?: string | undefined;
  readonly targets: ReadonlySet<string>;
}

/** Reads topics of requests; remembers the last, since each is looked at twice and a requester has one mailbox. */
export class RequestTopics {
  readonly #served: Served;
  #topic = "";
  #segments: readonly string[] = [];

  constructor(served: Served) {
    this.#served = served;
  }

  #segmentsOf(topic: string): readonly string[] {
    if (topic !== this.#topic) {
      this.#topic = topic;
      this.#segments = topic.split("/", 4);
    }
    return this.#segments;
  }

  subsystemOf(topic: string): string {
    return this.#segmentsOf(topic)[1] ?? "";
  }

  /** Undefined: it is not this router's to answer. */
  addresseeOf(client: RespondingClient, topic: string): Addressee {
    const [, subsystem, , target = ""] = this.#segmentsOf(topic);
    const { subsystem: own, targets } = this.#served;
    if (own !== undefined && subsystem !== own) return undefined;
    if (target === client.identifier || targets.has(target)) return "device";
    return client.groups?.includes(target) === true ? "group" : undefined;
  }
}
