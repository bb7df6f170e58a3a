import { PacketType } from "./packet-type.ts";
import { PROTOCOL_ERROR, ProtocolFault, readVarInt } from "./packet-frames.ts";

/** Identifiers of the properties that are read (MQTT 5 §2.2.2.2). */
export const Property = {
  MESSAGE_EXPIRY: 0x02,
  SERVER_REFERENCE: 0x1c,
  REASON_STRING: 0x1f,
  RECEIVE_MAXIMUM: 0x21,
  MAXIMUM_QOS: 0x24,
  RETAIN_AVAILABLE: 0x25,
  MAXIMUM_PACKET_SIZE: 0x27,
} as const;

const SUBSCRIPTION_IDENTIFIER = 0x0b;
const TOPIC_ALIAS = 0x23;
const USER_PROPERTY = 0x26;
const TOPIC_ALIAS_INVALID = 0x94;

type Form = "flag" | "uint16" | "uint32" | "varInt" | "text" | "pair";

const { CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK, UNSUBACK, DISCONNECT } =
  PacketType;
const ACKNOWLEDGEMENTS = [PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK, UNSUBACK];

/** What a broker may send where, and what it looks like; binary data has the form of a text. */
const FORMS: ReadonlyMap<number, readonly [form: Form, ...packets: readonly number[]]> = new Map([
  [0x01, ["flag", PUBLISH]],
  [Property.MESSAGE_EXPIRY, ["uint32", PUBLISH]],
  [0x03, ["text", PUBLISH]],
  [0x08, ["text", PUBLISH]],
  [0x09, ["text", PUBLISH]],
  [SUBSCRIPTION_IDENTIFIER, ["varInt", PUBLISH]],
  [0x11, ["uint32", CONNACK]],
  [0x12, ["text", CONNACK]],
  [0x13, ["uint16", CONNACK]],
  [0x15, ["text", CONNACK]],
  [0x16, ["text", CONNACK]],
  [0x1a, ["text", CONNACK]],
  [Property.SERVER_REFERENCE, ["text", CONNACK, DISCONNECT]],
  [Property.REASON_STRING, ["text", CONNACK, DISCONNECT, ...ACKNOWLEDGEMENTS]],
  [Property.RECEIVE_MAXIMUM, ["uint16", CONNACK]],
  [0x22, ["uint16", CONNACK]],
  [TOPIC_ALIAS, ["uint16", PUBLISH]],
  [Property.MAXIMUM_QOS, ["flag", CONNACK]],
  [Property.RETAIN_AVAILABLE, ["flag", CONNACK]],
  [USER_PROPERTY, ["pair", CONNACK, PUBLISH, DISCONNECT, ...ACKNOWLEDGEMENTS]],
  [Property.MAXIMUM_PACKET_SIZE, ["uint32", CONNACK]],
  [0x28, ["flag", CONNACK]],
  [0x29, ["flag", CONNACK]],
  [0x2a, ["flag", CONNACK]],
] satisfies [number, [Form, ...number[]]][]);

/** Those that mean nothing, or the end of all sending, as 0 (MQTT 5 §3.2.2.3). */
const NEVER_ZERO: ReadonlySet<number> = new Set([
  SUBSCRIPTION_IDENTIFIER,
  Property.RECEIVE_MAXIMUM,
  Property.MAXIMUM_PACKET_SIZE,
]);

/** The properties of a packet: numbers and texts by their identifiers. */
export type Properties = ReadonlyMap<number, number | string>;

export const NO_PROPERTIES: Properties = new Map();

/** What the broker says of its reason, and which other one it names (MQTT 5 §4.11, §4.13); undefined where nothing. */
export const explanationIn = (properties: Properties): string | undefined => {
  const reason = properties.get(Property.REASON_STRING);
  const server = properties.get(Property.SERVER_REFERENCE);
  const texts = [
    ...(reason === undefined ? [] : [`"${String(reason)}"`]),
    ...(server === undefined ? [] : [`it names the server "${String(server)}"`]),
  ];
  return texts.length === 0 ? undefined : texts.join("; ");
};

const utf8 = new TextDecoder();

/** Where the properties of a packet stand, and what type it is of. */
interface Section {
  readonly at: number;
  readonly end: number;
  readonly type: number;
}

/** Reads values one after the other, up to an end that none may pass. */
class ValueReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #isMessage: boolean;
  at: number;

  constructor(bytes: Uint8Array, { at, end, type }: Section) {
    this.#bytes = bytes;
    this.at = at;
    this.#end = end;
    this.#isMessage = type === PUBLISH;
  }

  get isAtEnd(): boolean {
    return this.at >= this.#end;
  }

  #take(count: number): number {
    const start = this.at;
    this.at += count;
    if (this.at > this.#end) throw new ProtocolFault("properties beyond their length");
    return start;
  }

  uint(bytes: number): number {
    const start = this.#take(bytes);
    let value = 0;
    for (let at = start; at < this.at; at += 1) value = value * 0x100 + (this.#bytes[at] ?? 0);
    return value;
  }

  varInt(): number {
    const read = readVarInt(this.#bytes, this.at);
    if (read === undefined) throw new ProtocolFault("properties beyond their length");
    this.#take(read.end - this.at);
    return read.value;
  }

  text(): string {
    const start = this.#take(this.uint(2));
    // Nobody asks for those of a message, of which there are many.
    return this.#isMessage ? "" : utf8.decode(this.#bytes.subarray(start, this.at));
  }

  value(form: Form): number | string {
    if (form === "flag") return this.uint(1);
    if (form === "uint16") return this.uint(2);
    if (form === "uint32") return this.uint(4);
    if (form === "varInt") return this.varInt();
    return form === "pair" ? `${this.text()}=${this.text()}` : this.text();
  }
}

const mayRepeat = (id: number, type: number): boolean =>
  id === USER_PROPERTY || (id === SUBSCRIPTION_IDENTIFIER && type === PUBLISH);

const checkValue = (id: number, form: Form, value: number | string): void => {
  const name = `the property 0x${id.toString(16)}`;
  if (id === TOPIC_ALIAS) {
    throw new ProtocolFault("a topic alias, and none was allowed", TOPIC_ALIAS_INVALID);
  }
  if (value === 0 && NEVER_ZERO.has(id)) throw new ProtocolFault(`${name} is 0`, PROTOCOL_ERROR);
  if (form === "flag" && value !== 0 && value !== 1) {
    throw new ProtocolFault(`${name} is ${String(value)}`, PROTOCOL_ERROR);
  }
};

/**
 * Reads the properties of a packet (MQTT 5 §2.2.2); those of a PUBLISH are checked, but their texts are left out.
 *
 * @throws {ProtocolFault} they are not as they should be in a packet of this type.
 */
export const readProperties = (packet: Uint8Array, section: Section): Properties => {
  const { type } = section;
  const found = new Map<number, number | string>();
  const reader = new ValueReader(packet, section);
  while (!reader.isAtEnd) {
    const id = reader.uint(1);
    const known = FORMS.get(id);
    if (known === undefined) throw new ProtocolFault(`an unknown property 0x${id.toString(16)}`);
    const [form, ...packets] = known;
    if (!packets.includes(type) || (found.has(id) && !mayRepeat(id, type))) {
      const name = `the property 0x${id.toString(16)}`;
      throw new ProtocolFault(`${name} where it may not be`, PROTOCOL_ERROR);
    }
    const value = reader.value(form);
    checkValue(id, form, value);
    found.set(id, value);
  }
  return found;
};
