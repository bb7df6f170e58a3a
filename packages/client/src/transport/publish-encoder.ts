import { PacketType } from "./packet-type.ts";
import type { OutgoingMessage, ProtocolLevel } from "./transport.ts";

const RETAIN = 0x01;
const MESSAGE_EXPIRY_INTERVAL = 0x02;
const CONTENT_TYPE = 0x03;
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
const expirySeconds = (expiryMs: number): number => Math.max(1, Math.ceil(expiryMs / 1000));

/** Bytes that a variable byte integer takes (MQTT 5 §1.5.5). */
const varIntBytes = (value: number): number => {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  return value < 0x20_0000 ? 3 : 4;
};

/** Characters of a message, without its payload. */
const headUnits = (message: OutgoingMessage): number => {
  const { topic, responseTopic = "", correlationData = "", contentType = "" } = message;
  return topic.length + responseTopic.length + correlationData.length + contentType.length;
};

const mostPayloadBytes = (payload: OutgoingMessage["payload"]): number =>
  typeof payload === "string" ? payload.length * MOST_UTF8_BYTES_PER_UNIT : payload.length;

const bytesOf = (payload: OutgoingMessage["payload"]): Uint8Array =>
  typeof payload === "string" ? utf8.encode(payload) : payload;

const textBytes = (text: string | undefined): number =>
  text === undefined ? 0 : utf8.encode(text).length;

const propertyBytes = (message: OutgoingMessage): number => {
  const { expires, contentType, responseTopic, correlationData } = message;
  const expiry = expires === true ? 5 : 0;
  const type = contentType === undefined ? 0 : 3 + textBytes(contentType);
  const topic = responseTopic === undefined ? 0 : 3 + textBytes(responseTopic);
  const data = correlationData === undefined ? 0 : 3 + textBytes(correlationData);
  const bytes = expiry + type + topic + data;
  return varIntBytes(bytes) + bytes;
};

/** Whether the PUBLISH of a message would be longer than so many bytes; counted only where it may be. */
export const isLongerThan = (
  maximumBytes: number,
  message: OutgoingMessage,
  level: ProtocolLevel,
): boolean => {
  const mostHead = headUnits(message) * MOST_UTF8_BYTES_PER_UNIT + MOST_OVERHEAD_BYTES;
  if (mostHead + mostPayloadBytes(message.payload) <= maximumBytes) return false;
  // As many bytes at least; that spares encoding what is far too long.
  if (message.payload.length > maximumBytes) return true;
  const head = 2 + textBytes(message.topic) + (message.qos === 0 ? 0 : 2);
  const properties = level === 5 ? propertyBytes(message) : 0;
  const body = head + properties + bytesOf(message.payload).length;
  return 1 + varIntBytes(body) + body > maximumBytes;
};

/**
 * Encodes PUBLISH packets (MQTT 5 §3.3), each in one piece. MQTT.js writes a packet in six pieces or more,
 * which costs as much in the socket layer as all the rest of sending. The bytes lie in a chunk that many
 * packets share; none is written twice.
 */
export class PublishEncoder {
  readonly #level: ProtocolLevel;
  #chunk = new Uint8Array(CHUNK_BYTES);
  /** Where the next byte goes. */
  #at = 0;

  constructor(level: ProtocolLevel) {
    this.#level = level;
  }

  /**
   * @param expiryMs - after which time the broker drops the message; default: never.
   * @param messageId - its packet identifier, with QoS 1 and 2.
   */
  encode(message: OutgoingMessage, expiryMs?: number, messageId = 0): Uint8Array {
    const { payload } = message;
    const head = headUnits(message) * MOST_UTF8_BYTES_PER_UNIT + MOST_OVERHEAD_BYTES;
    const most = head + mostPayloadBytes(payload);
    if (most > CHUNK_BYTES) {
      const bytes = bytesOf(payload);
      // A chunk of its own, no longer than it has to be: packets wait in a socket that takes none.
      this.#startChunk(head + bytes.length);
      const bodyAt = this.#putHead(message, expiryMs, messageId);
      this.#chunk.set(bytes, this.#at);
      this.#at += bytes.length;
      return this.#finish(bodyAt, message);
    }
    if (this.#at + most > this.#chunk.length) this.#startChunk(CHUNK_BYTES);
    const bodyAt = this.#putHead(message, expiryMs, messageId);
    if (typeof payload === "string") {
      this.#at += this.#write(payload);
    } else {
      this.#chunk.set(payload, this.#at);
      this.#at += payload.length;
    }
    return this.#finish(bodyAt, message);
  }

  #startChunk(bytes: number): void {
    this.#chunk = new Uint8Array(bytes);
    this.#at = 0;
  }

  /** Everything between the fixed header and the payload; gives where it begins. */
  #putHead(message: OutgoingMessage, expiryMs: number | undefined, messageId: number): number {
    const bodyAt = this.#at + MOST_FIXED_HEADER_BYTES;
    this.#at = bodyAt;
    this.#putText(message.topic);
    if (message.qos !== 0) {
      this.#putByte(messageId >>> 8);
      this.#putByte(messageId & 0xff);
    }
    if (this.#level === 5) this.#putProperties(message, expiryMs);
    return bodyAt;
  }

  /** Its length is known only now, so the fixed header goes before the body at last. */
  #finish(bodyAt: number, { qos, retain }: OutgoingMessage): Uint8Array {
    const end = this.#at;
    const start = bodyAt - 1 - varIntBytes(end - bodyAt);
    this.#chunk[start] = (PacketType.PUBLISH << 4) | (qos << 1) | (retain ? RETAIN : 0);
    this.#putVarInt(end - bodyAt, start + 1);
    return this.#chunk.subarray(start, end);
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
    { contentType, responseTopic, correlationData }: OutgoingMessage,
    expiryMs: number | undefined,
  ): void {
    const lengthAt = this.#at;
    this.#at += 1;
    if (expiryMs !== undefined) {
      this.#putByte(MESSAGE_EXPIRY_INTERVAL);
      const seconds = expirySeconds(expiryMs);
      for (const shift of [24, 16, 8, 0]) this.#putByte((seconds >>> shift) & 0xff);
    }
    if (contentType !== undefined) {
      this.#putByte(CONTENT_TYPE);
      this.#putText(contentType);
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
