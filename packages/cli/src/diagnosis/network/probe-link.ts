import { Socket } from "node:net";

import mqtt from "mqtt";
import type { IConnackPacket, IPublishPacket, MqttClient, Packet } from "mqtt";

import { dialOptions, traceTo } from "./probe-dial.ts";
import type { Level, ProbeLogin } from "./probe-dial.ts";
import { TooLate } from "../deadlines.ts";
import type { Subject } from "../subject.ts";

type QoS = 0 | 1 | 2;

/** What a broker tells of itself when it accepts a client; MQTT 3.1.1 has no room for it. */
export type ConnackProperties = NonNullable<IConnackPacket["properties"]>;

/** A message that arrived at a probe. */
export interface Arrival {
  readonly topic: string;
  readonly payload: string;
  readonly isRetained: boolean;
}

/** A message that a probe sends. */
export interface Probed {
  readonly topic: string;
  readonly payload: string;
  readonly qos?: QoS;
  readonly isRetained?: boolean;
  /** After that, in seconds, the broker forgets it; with MQTT 5. */
  readonly expiresInS?: number;
}

/** How a broker ended a link or refused one: with a reason code, or without a word. */
export class LinkEnd extends Error {
  readonly reasonCode: number | undefined;

  constructor(message: string, reasonCode?: number) {
    super(message);
    this.reasonCode = reasonCode;
  }
}

const REFUSED = 0x80;

const codeOf = (error: unknown): number | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "number"
    ? error.code
    : undefined;

/** One connection that shows the packets which the library keeps to itself: their codes, properties and flags. */
export class ProbeLink implements AsyncDisposable {
  readonly clientId: string;
  readonly level: Level;
  readonly properties: ConnackProperties;
  /** Settles when the broker ends the link; never rejects. */
  readonly ended: Promise<LinkEnd>;
  readonly #client: MqttClient;
  readonly #codes = new Map<number, number>();
  readonly #listeners = new Set<(arrival: Arrival) => void>();
  #reasonCode: number | undefined;
  #hasEnded = false;
  #isSilent = false;
  readonly #timeoutMs: number;

  private constructor(
    client: MqttClient,
    { clientId, level, timeoutMs }: ProbeLogin & Pick<Subject, "timeoutMs">,
    connack: IConnackPacket,
  ) {
    this.clientId = clientId;
    this.level = level;
    this.#timeoutMs = timeoutMs;
    this.properties = connack.properties ?? {};
    this.#client = client;
    this.ended = new Promise((resolve) => {
      client.once("close", () => {
        this.#hasEnded = true;
        resolve(new LinkEnd("the broker ended the connection", this.#reasonCode));
      });
    });
    client.on("packetreceive", (packet) => {
      this.#note(packet);
    });
    client.on("message", (topic, bytes, packet) => {
      this.#take(topic, bytes, packet);
    });
  }

  /**
   * Connects; rejects with {@link LinkEnd} where the broker refuses, and with what the system said where nothing answers.
   */
  static open(subject: Subject, login: ProbeLogin, signal: AbortSignal): Promise<ProbeLink> {
    return new Promise((resolve, reject) => {
      const client = mqtt.connect(subject.url, dialOptions(subject, login));
      // Its own delay would be taken for the broker's; a WebSocket sees to that itself.
      if (client.stream instanceof Socket) client.stream.setNoDelay(true);
      const giveUp = (error: unknown): void => {
        signal.removeEventListener("abort", abort);
        client.end(true);
        reject(error);
      };
      const abort = (): void => {
        giveUp(signal.reason);
      };
      traceTo(client, subject);
      // Stays: an error that nobody listens for would end the process.
      client.on("error", (error) => {
        const reasonCode = codeOf(error);
        giveUp(reasonCode === undefined ? error : new LinkEnd(error.message, reasonCode));
      });
      client.stream.on("error", giveUp);
      client.once("close", () => {
        giveUp(new LinkEnd("the broker closed the connection without a word"));
      });
      client.once("connect", (connack) => {
        signal.removeEventListener("abort", abort);
        resolve(new ProbeLink(client, { ...login, timeoutMs: subject.timeoutMs }, connack));
      });
      if (signal.aborted) abort();
      else signal.addEventListener("abort", abort);
    });
  }

  get hasEnded(): boolean {
    // MQTT.js knows of an end a moment before it tells of it.
    return this.#hasEnded || this.#client.disconnecting || !this.#client.connected;
  }

  /** Whether something was not answered in time. */
  get isSilent(): boolean {
    return this.#isSilent;
  }

  /** How the broker ends the link; undefined: it does not within the time. */
  endWithin(ms: number): Promise<LinkEnd | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        resolve(undefined);
      }, ms);
      void this.ended.then((end) => {
        clearTimeout(timer);
        resolve(end);
      });
    });
  }

  #note(packet: Packet): void {
    if (packet.cmd === "disconnect") this.#reasonCode = packet.reasonCode;
    if (packet.cmd !== "puback" && packet.cmd !== "pubrec") return;
    this.#codes.set(packet.messageId ?? 0, packet.reasonCode ?? 0);
  }

  #take(topic: string, bytes: Uint8Array, { retain }: IPublishPacket): void {
    const payload = new TextDecoder().decode(bytes);
    for (const listener of this.#listeners) listener({ topic, payload, isRetained: retain });
  }

  /** A promise for what MQTT.js calls back with, which the end of the link settles as well, and the deadline. */
  #call<Result>(
    start: (resolve: (result: Result) => void, reject: (error: unknown) => void) => void,
  ): Promise<Result> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#isSilent = true;
        reject(new TooLate(this.#timeoutMs));
      }, this.#timeoutMs);
      const settle =
        <Value>(then: (value: Value) => void) =>
        (value: Value): void => {
          clearTimeout(timer);
          then(value);
        };
      start(settle(resolve), settle(reject));
      void this.ended.then(settle(reject));
    });
  }

  /** Gives the broker's code: the granted QoS, or from 128 on why not. */
  subscribe(filter: string, qos: QoS = 2): Promise<number> {
    return this.#call((resolve, reject) => {
      this.#client.subscribe(filter, { qos }, (error, _granted, suback) => {
        const [code] = suback?.granted ?? [];
        if (typeof code === "number") resolve(code);
        else if (error && suback === undefined) reject(new LinkEnd(error.message));
        else resolve(REFUSED);
      });
    });
  }

  unsubscribe(filter: string): Promise<void> {
    return this.#call((resolve) => {
      this.#client.unsubscribe(filter, () => {
        resolve();
      });
    });
  }

  /** Gives the broker's code; undefined where none is told: with QoS 0 and with MQTT 3.1.1. No QoS is above the broker's. */
  publish({ topic, payload, ...rest }: Probed): Promise<number | undefined> {
    const { qos: wanted = 1, isRetained = false, expiresInS } = rest;
    const qos = wanted <= (this.properties.maximumQoS ?? 2) ? wanted : 0;
    const isTold = this.level === 5 && qos > 0;
    const expires = this.level === 5 && expiresInS !== undefined;
    const properties = expires ? { messageExpiryInterval: expiresInS } : {};
    return this.#call((resolve, reject) => {
      this.#client.publish(topic, payload, { qos, retain: isRetained, properties }, (...given) => {
        const [error, packet] = given;
        const code = codeOf(error);
        if (error && code === undefined) {
          // MQTT.js fails what is under way a moment before it tells of the end.
          reject(new LinkEnd(error.message));
          return;
        }
        const id = packet !== undefined && "messageId" in packet ? packet.messageId : undefined;
        resolve(isTold ? (code ?? this.#codes.get(id ?? 0) ?? 0) : undefined);
      });
    });
  }

  /** Calls this for each message, until the function that it gives is called. */
  listen(listener: (arrival: Arrival) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The first message from now on that this is true of; undefined: none within the time, or before the end of the link. */
  arrival(isIt: (arrival: Arrival) => boolean, withinMs: number): Promise<Arrival | undefined> {
    return new Promise((resolve) => {
      const finish = (arrival?: Arrival): void => {
        clearTimeout(timer);
        stop();
        resolve(arrival);
      };
      const timer = setTimeout(finish, withinMs);
      const stop = this.listen((arrival) => {
        if (isIt(arrival)) finish(arrival);
      });
      void this.ended.then(() => {
        finish();
      });
    });
  }

  /** Says goodbye; idempotent, never rejects, ends within the time even if the broker reads nothing. */
  async close(withinMs = 500): Promise<void> {
    const client = this.#client;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        client.end(true);
        client.stream.destroy();
        resolve();
      }, withinMs);
      client.end(false, {}, () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
