import { lookup } from "node:dns/promises";
import { isIP } from "node:net";

import { PayloadHandler, TopicManager } from "gf-mqtt-client";

import { Deadlines, untilAborted } from "./deadlines.ts";
import { NotTold } from "./finding.ts";
import type { Identity } from "./identity.ts";
import { freshIdentifier } from "./fresh-identifier.ts";
import { chooseIdentity } from "./identity.ts";
import { logIn } from "./login.ts";
import type { Login } from "./login.ts";
import { tryLoops } from "./loop.ts";
import type { Loops } from "./loop.ts";
import { lookAtCertificate } from "./network/certificate.ts";
import type { Handshake } from "./network/certificate.ts";
import { openSocket } from "./network/open-socket.ts";
import type { ProbeLink } from "./network/probe-link.ts";
import type { Subject } from "./subject.ts";

const LEAST_GRACE_MS = 1_000;
/** What does not arrive in the time of so many round trips does not arrive. */
const GRACE_ROUND_TRIPS = 20;

const DEFAULT_SUBSYSTEM = "doctor";

/** What a promise has come to, however it ended. */
type Outcome<Value> = { readonly value: Value } | { readonly error: unknown };

/** What all checks share: what one of them has found out, none asks for again. Every wait of it ends. */
export class Probe implements AsyncDisposable {
  readonly subject: Subject;
  readonly topics: TopicManager;
  readonly payloads: PayloadHandler = new PayloadHandler();
  /** The last segment of the topics on which answers to it arrive. */
  readonly mailbox: string = crypto.randomUUID();
  readonly #deadlines: Deadlines;
  readonly #known = new Map<string, Promise<Outcome<unknown>>>();
  #connectMs = 0;
  #link: ProbeLink | undefined;

  constructor(subject: Subject, signal: AbortSignal) {
    this.subject = subject;
    this.topics = new TopicManager(subject.namespace);
    this.#deadlines = new Deadlines(signal);
  }

  /** Ends whatever waits for it, in time. */
  within(ms: number = this.subject.timeoutMs): AbortSignal {
    return this.#deadlines.after(ms);
  }

  /** How long to wait for what may well not come. */
  get graceMs(): number {
    const longMs = Math.max(LEAST_GRACE_MS, GRACE_ROUND_TRIPS * this.#connectMs);
    return Math.min(longMs, this.subject.timeoutMs);
  }

  /** What was found under this name, or is found now. A name has one kind of value. */
  async once<Value>(name: string, find: () => Promise<Value>): Promise<Value> {
    const found =
      this.#known.get(name) ??
      find().then(
        (value): Outcome<Value> => ({ value }),
        (error: unknown): Outcome<Value> => ({ error }),
      );
    this.#known.set(name, found);
    // Whatever is kept under a name came from a search for this kind of value.
    const outcome = (await found) as Outcome<Value>;
    if ("error" in outcome) throw outcome.error;
    return outcome.value;
  }

  /** The addresses of the host's name; rejects with the system's error. */
  addresses(): Promise<readonly string[]> {
    return this.once("addresses", async () => {
      const { host } = this.subject;
      if (isIP(host) !== 0) return [host];
      const looking = lookup(host, { all: true });
      const found = await Promise.race([looking, untilAborted(this.within())]);
      return found.map(({ address }) => address);
    });
  }

  /** How long it takes to open a connection, in ms; rejects with the system's error. */
  connectMs(): Promise<number> {
    return this.once("connection", async () => {
      await this.addresses();
      const startedAt = performance.now();
      const socket = await openSocket(this.subject, this.within());
      this.#connectMs = performance.now() - startedAt;
      socket.destroySoon();
      return this.#connectMs;
    });
  }

  /** Whether the port can be reached, before something is said of what is behind it. */
  async reach(): Promise<void> {
    try {
      await this.connectMs();
    } catch {
      throw new NotTold("no connection");
    }
  }

  handshake(): Promise<Handshake> {
    return this.once("handshake", () => lookAtCertificate(this.subject, this.within()));
  }

  identity(): Promise<Identity> {
    return this.once("identity", () => chooseIdentity(this.subject, this.graceMs, this.within()));
  }

  /** Rejects with why there is none. */
  login(): Promise<Login> {
    return this.once("login", async () => {
      const { clientId } = await this.identity();
      const login = await logIn(this.subject, clientId, this.within());
      this.#link = login.link;
      return login;
    });
  }

  /** The link on which the broker is tried out, a new one where the last was lost; rejects with {@link NotTold}. */
  async link(): Promise<ProbeLink> {
    try {
      const { link } = await this.login();
      const last = this.#link ?? link;
      const current = last.hasEnded ? await this.#connectAgain(last.clientId) : last;
      if (!current.isSilent) return current;
    } catch {
      throw new NotTold("no connection");
    }
    throw new NotTold("the broker answers nothing any more, see above");
  }

  async #connectAgain(clientId: string): Promise<ProbeLink> {
    const { link } = await logIn(this.subject, clientId, this.within());
    this.#link = link;
    return link;
  }

  /** Connects as somebody else, since a twin takes the link. */
  async connectAsAnother(): Promise<void> {
    await this.#link?.close();
    await this.#connectAgain(freshIdentifier());
  }

  /** What became of messages to itself. */
  loops(): Promise<Loops> {
    return this.once("loops", async () => {
      const { topics, payloads, mailbox, graceMs } = this;
      const subsystem = this.subject.target?.subsystem ?? DEFAULT_SUBSYSTEM;
      return tryLoops({ topics, payloads, mailbox, graceMs, subsystem, link: () => this.link() });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#link?.close();
    this.#deadlines[Symbol.dispose]();
  }
}
