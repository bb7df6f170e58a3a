import type { OutgoingMessage, ProtocolLevel } from "./transport.ts";
import { varIntBytes } from "./var-int.ts";

const PUBLISH = 0x30;
const RETAIN = 0x01;
const MESSAGE_EXPIRY_INTERVAL = 0x02;
const RESPONSE_TOPIC = 0x08;
const CORRELATION_DATA = 0x09;

const CHUNK_BYTES = 64 * 1024;
const MOST_UTF8_BYTES_PER_UNIT = 3;
/** Type and length of the packet: a byte and a variable byte integer. */
const MOST_FIXED_HEADER_BYTES = 5;
/** The fixed header, and the lengths, identifiers and numbers between the texts. */
const MOST_OVERHEAD_BYTES = 32;

const utf8 = new TextEncoder();

/** The message expiry interval in whole seconds: rounded up, since 0 would be gone at once (MQTT 5 §3.3.2.3.3). */
export const expirySeconds = (expiryMs: number): number => Math.max(1, Math.ceil(expiryMs / 1000));

/**
 * Encodes QoS 0 PUBLISH packets (MQTT 5 §3.3), each in one piece. MQTT.js writes a packet in six pieces or
 * more, which costs as much in the socket layer as all the rest of sending. The bytes lie in a chunk that
 * many packets share; none is written twice.
 */
export class PublishEncoder {
  readonly #level: ProtocolLevel;
  #chunk = new Uint8Array(CHUNK_BYTES);
  /** Where the next byte goes. */
  #at = 0;

  constructor(level: ProtocolLevel) {
    this.#level = level;
  }

  /** @param expiryMs - after which time the broker drops the message; default: never. */
  encode(message: OutgoingMessage, expiryMs?: number): Uint8Array {
    const { topic, payload, retain, responseTopic = "", correlationData = "" } = message;
    const units = topic.length + payload.length + responseTopic.length + correlationData.length;
    this.#makeRoom(units * MOST_UTF8_BYTES_PER_UNIT + MOST_OVERHEAD_BYTES);
    const bodyAt = this.#at + MOST_FIXED_HEADER_BYTES;
    this.#at = bodyAt;
    this.#putText(topic);
    if (this.#level === 5) this.#putProperties(message, expiryMs);
    this.#at += this.#write(payload);
    const end = this.#at;
    // Its length is known only now, so the fixed header goes before the body at last.
    const start = bodyAt - 1 - varIntBytes(end - bodyAt);
    this.#chunk[start] = retain ? PUBLISH | RETAIN : PUBLISH;
    this.#putVarInt(end - bodyAt, start + 1);
    return this.#chunk.subarray(start, end);
  }

  #makeRoom(bytes: number): void {
    if (this.#at + bytes <= this.#chunk.length) return;
    this.#chunk = new Uint8Array(Math.max(CHUNK_BYTES, bytes));
    this.#at = 0;
  }

  #write(text: string): number {
    return utf8.encodeInto(text, this.#chunk.subarray(this.#at)).written;
  }

  #putByte(value: number): void {
    this.#chunk[this.#at] = value;
    this.#at += 1;
  }

  /** A text with its length in two bytes before it (MQTT 5 §1.5.4). */
  #putText(text: string): void {
    const lengthAt = this.#at;
    this.#at += 2;
    const bytes = this.#write(text);
    this.#at += bytes;
    this.#chunk[lengthAt] = bytes >>> 8;
    this.#chunk[lengthAt + 1] = bytes & 0xff;
  }

  #putVarInt(value: number, at: number): void {
    let rest = value;
    let index = at;
    do {
      const digit = rest & 0x7f;
      rest >>>= 7;
      this.#chunk[index] = rest > 0 ? digit | 0x80 : digit;
      index += 1;
    } while (rest > 0);
  }

  #putProperties(
    { responseTopic, correlationData }: OutgoingMessage,
    expiryMs: number | undefined,
  ): void {
    const lengthAt = this.#at;
    this.#at += 1;
    if (expiryMs !== undefined) {
      this.#putByte(MESSAGE_EXPIRY_INTERVAL);
      const seconds = expirySeconds(expiryMs);
      for (const shift of [24, 16, 8, 0]) this.#putByte((seconds >>> shift) & 0xff);
    }
    if (responseTopic !== undefined) {
      this.#putByte(RESPONSE_TOPIC);
      this.#putText(responseTopic);
    }
    if (correlationData !== undefined) {
      this.#putByte(CORRELATION_DATA);
      this.#putText(correlationData);
    }
    const bytes = this.#at - lengthAt - 1;
    const shift = varIntBytes(bytes) - 1;
    if (shift > 0) {
      // One byte was left for the length, which is enough for most; here it is not.
      this.#chunk.copyWithin(lengthAt + 1 + shift, lengthAt + 1, this.#at);
      this.#at += shift;
    }
    this.#putVarInt(bytes, lengthAt);
  }
}
