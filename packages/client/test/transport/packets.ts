/** The types of the packets that the tests tell apart (MQTT 5 §2.1.2). */
export const PacketType = {
  CONNECT: 1,
  CONNACK: 2,
  PUBLISH: 3,
  PUBACK: 4,
  PUBREC: 5,
  PUBREL: 6,
  PUBCOMP: 7,
  SUBSCRIBE: 8,
  SUBACK: 9,
  UNSUBSCRIBE: 10,
  UNSUBACK: 11,
  PINGREQ: 12,
  PINGRESP: 13,
  DISCONNECT: 14,
} as const;

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(PacketType).map(([name, type]) => [type, name]),
);

/** A packet as it came off the wire. */
export interface RawPacket {
  readonly type: number;
  /** The lower half of the first byte. */
  readonly flags: number;
  readonly body: Buffer;
}

/** The type of a packet as the standard writes it. */
export const nameOf = ({ type }: RawPacket): string => NAMES.get(type) ?? `type ${String(type)}`;

/** Cuts a stream of bytes into packets. */
export class PacketReader {
  #rest: Buffer = Buffer.alloc(0);

  /** The packets that are complete with these bytes. */
  read(bytes: Uint8Array): readonly RawPacket[] {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    const packets: RawPacket[] = [];
    for (let packet = this.#next(); packet !== undefined; packet = this.#next()) {
      packets.push(packet);
    }
    return packets;
  }

  #next(): RawPacket | undefined {
    const lengthEnd = this.#rest.subarray(1, 5).findIndex((byte) => byte < 0x80);
    if (lengthEnd === -1) return undefined;
    const start = 2 + lengthEnd;
    let length = 0;
    for (let at = start - 1; at >= 1; at -= 1) length = length * 128 + (this.#byteAt(at) & 0x7f);
    if (this.#rest.length < start + length) return undefined;
    const first = this.#byteAt(0);
    const body = this.#rest.subarray(start, start + length);
    this.#rest = this.#rest.subarray(start + length);
    return { type: first >> 4, flags: first & 0x0f, body };
  }

  #byteAt(at: number): number {
    return this.#rest.readUInt8(at);
  }
}

/** A PUBLISH, read. */
export interface ReadPublish {
  readonly topic: string;
  readonly qos: number;
  readonly retain: boolean;
  /** Undefined with QoS 0. */
  readonly messageId: number | undefined;
  readonly expirySeconds: number | undefined;
  readonly responseTopic: string | undefined;
  readonly correlationData: string | undefined;
  readonly payload: string;
}

/** Reads a body from front to end. */
class BodyReader {
  readonly #body: Buffer;
  #at = 0;

  constructor(body: Buffer) {
    this.#body = body;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#body.length;
  }

  byte(): number {
    this.#at += 1;
    return this.#body.readUInt8(this.#at - 1);
  }

  uint16(): number {
    return this.byte() * 0x100 + this.byte();
  }

  uint32(): number {
    return this.uint16() * 0x1_0000 + this.uint16();
  }

  varInt(): number {
    const byte = this.byte();
    return byte < 0x80 ? byte : (byte & 0x7f) + 128 * this.varInt();
  }

  bytes(length: number): Buffer {
    this.#at += length;
    return this.#body.subarray(this.#at - length, this.#at);
  }

  text(): string {
    return this.bytes(this.uint16()).toString("utf8");
  }

  rest(): Buffer {
    return this.bytes(this.#body.length - this.#at);
  }
}

type Properties = Pick<ReadPublish, "expirySeconds" | "responseTopic" | "correlationData">;

const readProperties = (body: BodyReader): Properties => {
  const found: { -readonly [Name in keyof Properties]: Properties[Name] } = {
    expirySeconds: undefined,
    responseTopic: undefined,
    correlationData: undefined,
  };
  const properties = new BodyReader(body.bytes(body.varInt()));
  while (!properties.isAtEnd) {
    const property = properties.byte();
    if (property === 0x02) found.expirySeconds = properties.uint32();
    else if (property === 0x08) found.responseTopic = properties.text();
    else if (property === 0x09) found.correlationData = properties.text();
    else throw new Error(`a PUBLISH has the unexpected property ${String(property)}`);
  }
  return found;
};

/** Reads a PUBLISH (MQTT 5 §3.3, MQTT 3.1.1 §3.3). */
export const readPublish = ({ flags, body }: RawPacket, level: 4 | 5): ReadPublish => {
  const reader = new BodyReader(body);
  const topic = reader.text();
  const qos = (flags >> 1) & 0x03;
  const messageId = qos === 0 ? undefined : reader.uint16();
  const none = { expirySeconds: undefined, responseTopic: undefined, correlationData: undefined };
  const properties = level === 5 ? readProperties(reader) : none;
  const payload = reader.rest().toString("utf8");
  return { topic, qos, retain: (flags & 1) === 1, messageId, ...properties, payload };
};

/** The filters of a SUBSCRIBE, in their order (MQTT 5 §3.8.3, MQTT 3.1.1 §3.8.3). */
export const readFilters = ({ body }: RawPacket, level: 4 | 5): readonly string[] => {
  const reader = new BodyReader(body);
  reader.uint16();
  if (level === 5) reader.bytes(reader.varInt());
  const filters: string[] = [];
  while (!reader.isAtEnd) {
    filters.push(reader.text());
    reader.byte();
  }
  return filters;
};

/** The packet identifier at the beginning of a SUBSCRIBE, UNSUBSCRIBE, PUBACK, PUBREC, PUBREL or PUBCOMP. */
export const messageIdOf = ({ body }: RawPacket): number => body.readUInt16BE(0);

/** Builds a packet with a body of less than 128 bytes. */
export const packet = (type: number, ...body: readonly number[]): Buffer =>
  Buffer.from([type << 4, body.length, ...body]);

const uint16 = (value: number): readonly number[] => [value >> 8, value & 0xff];

/** What a CONNACK may tell of the broker (MQTT 5 §3.2.2.3). */
export interface ConnackLimits {
  readonly receiveMaximum?: number;
  readonly maximumQoS?: number;
  readonly retainAvailable?: boolean;
  readonly maximumPacketSize?: number;
}

const limitBytes = (limits: ConnackLimits): readonly number[] => {
  const { receiveMaximum, maximumQoS, retainAvailable, maximumPacketSize } = limits;
  const bytes: number[] = [];
  if (receiveMaximum !== undefined) bytes.push(0x21, ...uint16(receiveMaximum));
  if (maximumQoS !== undefined) bytes.push(0x24, maximumQoS);
  if (retainAvailable !== undefined) bytes.push(0x25, retainAvailable ? 1 : 0);
  if (maximumPacketSize !== undefined) {
    const high = Math.floor(maximumPacketSize / 0x1_0000);
    bytes.push(0x27, ...uint16(high), ...uint16(maximumPacketSize % 0x1_0000));
  }
  return bytes;
};

/** The CONNACK of a broker that accepts. */
export const connack = (level: 4 | 5, limits: ConnackLimits = {}): Buffer => {
  const properties = limitBytes(limits);
  const end = level === 5 ? [properties.length, ...properties] : [];
  return packet(PacketType.CONNACK, 0, 0, ...end);
};

/** A PUBACK, PUBREC or PUBCOMP with a reason code, which MQTT 3.1.1 lacks. */
export const acknowledgement = (type: number, messageId: number, reasonCode?: number): Buffer =>
  packet(type, ...uint16(messageId), ...(reasonCode === undefined ? [] : [reasonCode]));

/** A SUBACK or UNSUBACK with one code for each filter. */
export const verdicts = (
  { type, messageId }: { readonly type: number; readonly messageId: number },
  level: 4 | 5,
  codes: readonly number[],
): Buffer => packet(type, ...uint16(messageId), ...(level === 5 ? [0] : []), ...codes);
