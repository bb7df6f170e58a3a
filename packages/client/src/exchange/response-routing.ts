import type { TopicManager } from "../protocol/topic.ts";
import type { ContentFormat } from "../protocol/content-format.ts";
import { LruMap } from "../runtime/lru-map.ts";

/** How responses are to find their way back: see {@link ResponseRouting}. */
export type ResponseRoutingMode = "auto" | "mailbox" | "per-request";

/** One subsystem of one device. */
export interface DeviceAddress {
  readonly subsystem: string;
  readonly target: string;
}

/** Where a request goes and where its response may come. */
export interface Route {
  /** Topic to publish the request on. */
  readonly requestTopic: string;
  /** Topic of the mailbox on which the response is expected; undefined: not there. */
  readonly mailboxTopic: string | undefined;
  /** Topic to subscribe for this request alone, before it is sent; undefined: none. */
  readonly extraTopic: string | undefined;
  /** Topic to name as the MQTT 5 response topic. */
  readonly responseTopic: string;
}

/** What the rules depend on. */
export interface ResponseRoutingOptions {
  readonly mode: ResponseRoutingMode;
  /** Last segment of the topics that this client receives all its responses on. */
  readonly mailbox: string;
  readonly topics: TopicManager;
  /** Devices whose way of answering is remembered; default 16384. */
  readonly capacity?: number;
}

/**
 * Where a device takes the last segment of its response topic from: the request's topic, so that it
 * reaches the mailbox, or the header's `request_id`, so that every request needs a topic of its own.
 */
type AnswersOn = "topic" | "header";

interface Device {
  readonly mailboxRoute: Route;
  answersOn: AnswersOn | undefined;
  /** The latest link on which the broker refused an extra topic of this device. */
  refusedOnLink: number | undefined;
  /** Of its latest answer; undefined: JSON, or not known. */
  format: ContentFormat | undefined;
}

/** The topics of a request to a group. */
export interface GroupRoute {
  readonly requestTopic: string;
  readonly responseTopic: string;
  /** Whether the response's topic has to be subscribed for this request alone. */
  readonly isOwnTopic: boolean;
}

const DEFAULT_CAPACITY = 16_384;

const keyOf = ({ subsystem, target }: DeviceAddress): string => `${subsystem}/${target}`;

/**
 * Decides how responses find their way back, and learns from those that do. Pure: no I/O, no clock.
 *
 * A request goes out on a topic that ends in the mailbox, and its response comes back on a topic
 * that ends in the mailbox too: one subscription serves all. A device that builds its response topic
 * from the header's `request_id` instead would never be heard; so while it is unknown which kind a
 * device is, the topic with the id is subscribed as well, and the topic of its response tells.
 */
export class ResponseRouting {
  readonly #mode: ResponseRoutingMode;
  readonly #mailbox: string;
  readonly #topics: TopicManager;
  readonly #devices: LruMap<string, Device>;
  #isMailboxOpen: boolean;
  #linkNumber = 0;

  constructor({ mode, mailbox, topics, capacity = DEFAULT_CAPACITY }: ResponseRoutingOptions) {
    this.#mode = mode;
    this.#mailbox = mailbox;
    this.#topics = topics;
    this.#devices = new LruMap(capacity);
    this.#isMailboxOpen = mode !== "per-request";
  }

  /** The topic filter of the mailbox; undefined where none is wanted. */
  get mailboxFilter(): string | undefined {
    return this.#mode === "per-request"
      ? undefined
      : this.#topics.buildResponseFilter(this.#mailbox);
  }

  /** Tells whether the broker granted the mailbox on the new link; if not, every request gets a topic. */
  startLink(isMailboxGranted: boolean): void {
    this.#isMailboxOpen = isMailboxGranted && this.#mode !== "per-request";
    this.#linkNumber += 1;
  }

  /**
   * Tells that the broker refused an extra topic: for this device the mailbox has to do until the next
   * link. For this one only, since access rules may tell devices apart.
   */
  noteExtraTopicRefused(address: DeviceAddress): void {
    this.#device(address).refusedOnLink = this.#linkNumber;
  }

  /** @throws {TopicError} the address is not made of topic segments. */
  plan(address: DeviceAddress, requestId: string): Route {
    if (!this.#isMailboxOpen) {
      const requestTopic = this.#requestTopic(address, requestId);
      const extraTopic = this.#topics.buildResponseTopic(requestTopic);
      return { requestTopic, mailboxTopic: undefined, extraTopic, responseTopic: extraTopic };
    }
    const { mailboxRoute, answersOn, refusedOnLink } = this.#device(address);
    const isRefused = refusedOnLink === this.#linkNumber;
    if (answersOn === "topic" || this.#mode === "mailbox" || isRefused) return mailboxRoute;
    const extraTopic = this.#topics.buildResponseTopic(this.#requestTopic(address, requestId));
    const responseTopic = answersOn === "header" ? extraTopic : mailboxRoute.responseTopic;
    return { ...mailboxRoute, extraTopic, responseTopic };
  }

  /** The way of a request to a group of devices: they answer on the topic that belongs to that of the request. */
  planGroup(address: DeviceAddress, requestId: string): GroupRoute {
    const isOwnTopic = !this.#isMailboxOpen;
    const requestTopic = this.#requestTopic(address, isOwnTopic ? requestId : this.#mailbox);
    const responseTopic = this.#topics.buildResponseTopic(requestTopic);
    return { requestTopic, responseTopic, isOwnTopic };
  }

  #requestTopic({ target, subsystem }: DeviceAddress, lastSegment: string): string {
    return this.#topics.buildRequestTopic(target, subsystem, lastSegment);
  }

  #device(address: DeviceAddress): Device {
    const key = keyOf(address);
    const known = this.#devices.get(key);
    if (known !== undefined) return known;
    const requestTopic = this.#requestTopic(address, this.#mailbox);
    const mailboxTopic = this.#topics.buildResponseTopic(requestTopic);
    const device: Device = {
      mailboxRoute: {
        requestTopic,
        mailboxTopic,
        extraTopic: undefined,
        responseTopic: mailboxTopic,
      },
      answersOn: undefined,
      refusedOnLink: undefined,
      format: undefined,
    };
    this.#devices.set(key, device);
    return device;
  }

  /** Learns from the topic of a response. One that came over the mailbox outweighs all else: it is the cheaper way. */
  learn(address: DeviceAddress, route: Route, topic: string): void {
    // Without a mailbox both kinds answer on the same topic; without an extra topic the kind is known.
    if (route.mailboxTopic === undefined || route.extraTopic === undefined) return;
    const device = this.#device(address);
    if (topic === route.mailboxTopic) device.answersOn = "topic";
    else if (topic === route.extraTopic) device.answersOn ??= "header";
  }

  /** Learns from a further response to one request: who answers on both topics needs the mailbox only. */
  learnFromDuplicate(topic: string): void {
    const address = this.#topics.getParts(topic);
    const device = address && this.#devices.get(keyOf(address));
    if (device?.mailboxRoute.mailboxTopic === topic) device.answersOn = "topic";
  }

  /** Forgets how a device answers, because it didn't: it may have been replaced by one of the other kind. */
  forget(address: DeviceAddress): void {
    const device = this.#devices.get(keyOf(address));
    if (device === undefined) return;
    device.format = undefined;
    if (this.#isMailboxOpen) device.answersOn = undefined;
  }

  /** The format that a device is known to read, because it answers in it; undefined: JSON, which all do. */
  formatOf(address: DeviceAddress): ContentFormat | undefined {
    return this.#devices.get(keyOf(address))?.format;
  }

  /** Learns from the format of a response; undefined: JSON. */
  learnFormat(address: DeviceAddress, format: ContentFormat | undefined): void {
    const device = format === undefined ? this.#devices.get(keyOf(address)) : this.#device(address);
    if (device !== undefined) device.format = format;
  }
}
