import { LinkLostError } from "../../src/errors/connection-errors.ts";
import type { Deadline } from "../../src/runtime/deadline.ts";
import { remainingMs } from "../../src/runtime/deadline.ts";
import type {
  DialRequest,
  Link,
  OutgoingMessage,
  ProtocolLevel,
  PublishOutcome,
  QoS,
  SubscribeResult,
  Subscription,
  Transport,
} from "../../src/transport/transport.ts";

/** The answer that never comes. */
export const noAnswer = (): Promise<never> => new Promise(() => {});

/** The broker's consent to a subscription. */
export const granted = ({ filter, qos }: Subscription): SubscribeResult => ({
  filter,
  granted: qos,
  reasonCode: qos,
});

/** The broker's refusal of a subscription. */
export const refused = ({ filter }: { readonly filter: string }): SubscribeResult => ({
  filter,
  granted: undefined,
  reasonCode: 135,
});

const outcomeFor = (qos: QoS): PublishOutcome => (qos === 0 ? "sent" : "delivered");

/** A link whose broker the test plays. Without instructions everything succeeds. */
export class ScriptedLink implements Link {
  readonly protocolLevel: ProtocolLevel = 5;
  /** What was sent over it, in order. */
  readonly sent: OutgoingMessage[] = [];
  /** How long each was still wanted when it was sent, in ms. */
  readonly remainingMs: (number | undefined)[] = [];
  /** Grows with what the test lets the broker send. */
  activity = 0;
  /** What the broker of the test has not acknowledged. */
  oldestPublish: number | undefined;
  /** How the broker answers from now on. */
  onSubscribe: (subscription: Subscription) => SubscribeResult | Promise<SubscribeResult> = granted;
  onPublish: (message: OutgoingMessage) => PublishOutcome | Promise<PublishOutcome> = ({ qos }) =>
    outcomeFor(qos);
  onUnsubscribe: (filters: readonly string[]) => void | Promise<void> = () => {};
  readonly #request: DialRequest;
  readonly #note: (event: string) => void;
  readonly #rejects = new Set<(error: Error) => void>();
  #end: "open" | "closed" | "lost" = "open";

  constructor(request: DialRequest, note: (event: string) => void) {
    this.#request = request;
    this.#note = note;
  }

  get isOpen(): boolean {
    return this.#end === "open";
  }

  get isClosed(): boolean {
    return this.#end === "closed";
  }

  publish(message: OutgoingMessage, deadline?: Deadline): Promise<PublishOutcome> {
    this.remainingMs.push(deadline && remainingMs(deadline));
    this.#note(`publish ${message.topic}`);
    this.sent.push(message);
    return this.#call(() => this.onPublish(message));
  }

  subscribe(subscriptions: readonly Subscription[]): Promise<readonly SubscribeResult[]> {
    const filters = subscriptions.map(({ filter, qos }) => `${filter}@${String(qos)}`);
    this.#note(`subscribe ${filters.join(" ")}`);
    return this.#call(() =>
      Promise.all(subscriptions.map(async (subscription) => this.onSubscribe(subscription))),
    );
  }

  unsubscribe(filters: readonly string[]): Promise<void> {
    this.#note(`unsubscribe ${filters.join(" ")}`);
    return this.#call(() => this.onUnsubscribe(filters));
  }

  probe(): void {
    this.#note("probe");
  }

  abort(cause: Error): void {
    this.#note("abort");
    this.lose(cause);
  }

  close(): Promise<void> {
    if (this.#end === "open") {
      this.#note("close");
      this.#finish("closed", new Error("closed"));
    }
    return Promise.resolve();
  }

  /** Lets the link break: its calls fail, and the client is told. */
  lose(cause: Error = new Error("the cable was pulled")): void {
    if (this.#end !== "open") return;
    this.#finish("lost", cause);
    this.#request.onLost(cause);
  }

  /** Lets its calls fail as if the link was lost, and tells nobody. */
  failCalls(): void {
    this.#rejectAll(new LinkLostError(this.#request.url));
  }

  /** Lets a message arrive. */
  deliver(topic: string): void {
    const payload = new Uint8Array();
    this.#request.onMessage({ topic, payload, qos: 0, retain: false, duplicate: false });
  }

  #finish(end: "closed" | "lost", cause: Error): void {
    this.#end = end;
    this.#rejectAll(new LinkLostError(this.#request.url, { cause }));
  }

  #rejectAll(error: Error): void {
    for (const reject of this.#rejects) reject(error);
    this.#rejects.clear();
  }

  #call<T>(answer: () => T | Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#end !== "open") {
        reject(new LinkLostError(this.#request.url));
        return;
      }
      this.#rejects.add(reject);
      Promise.resolve().then(answer).then(resolve, reject);
    });
  }
}

/** A dial that waits for the test to decide. */
export class ScriptedDial {
  readonly request: DialRequest;
  readonly answer: Promise<Link>;
  readonly #link: ScriptedLink;
  readonly #resolve: (link: Link) => void;
  readonly #reject: (error: unknown) => void;

  constructor(request: DialRequest, note: (event: string) => void) {
    this.request = request;
    this.#link = new ScriptedLink(request, note);
    const settle: { resolve?: (link: Link) => void; reject?: (error: unknown) => void } = {};
    this.answer = new Promise<Link>((resolve, reject) =>
      Object.assign(settle, { resolve, reject }),
    );
    this.#resolve = (link) => settle.resolve?.(link);
    this.#reject = (error) => settle.reject?.(error);
  }

  accept(): ScriptedLink {
    this.#resolve(this.#link);
    return this.#link;
  }

  refuse(error: unknown): void {
    this.#reject(error);
  }
}

/** What a test does with a dial. */
export type Reaction = (dial: ScriptedDial) => unknown;

/** Accepts the dial. */
export const accept: Reaction = (dial) => dial.accept();
/** Leaves the dial without an answer. */
export const leaveOpen: Reaction = () => {};
/** Refuses the dial. */
export const refuse: Reaction = (dial) => {
  dial.refuse(new Error("connection refused"));
};

/** A transport to brokers that the test plays: one reaction for each dial, the last for all further ones. */
export class ScriptedTransport implements Transport {
  readonly dials: ScriptedDial[] = [];
  /** The links accepted so far. */
  readonly links: ScriptedLink[] = [];
  /** Everything that happened, in order, each entry with the number of its dial, from 1. */
  readonly log: string[] = [];
  readonly #reactions: readonly Reaction[];

  constructor(...reactions: readonly Reaction[]) {
    this.#reactions = reactions.length === 0 ? [accept] : reactions;
  }

  dial(request: DialRequest): Promise<Link> {
    const number = this.dials.length + 1;
    this.log.push(`${String(number)} dial`);
    const dial = new ScriptedDial(request, (event) => this.log.push(`${String(number)} ${event}`));
    this.dials.push(dial);
    const reaction = this.#reactions[Math.min(number, this.#reactions.length) - 1] ?? accept;
    const link = reaction(dial);
    if (link instanceof ScriptedLink) this.links.push(link);
    return dial.answer;
  }

  /** The dial of this number, from 1. */
  dialAt(number: number): ScriptedDial {
    const dial = this.dials[number - 1];
    if (dial === undefined) throw new Error(`there was no dial ${String(number)}`);
    return dial;
  }

  /** The link that was accepted last. */
  get link(): ScriptedLink {
    const link = this.links.at(-1);
    if (link === undefined) throw new Error("no link was accepted");
    return link;
  }
}
