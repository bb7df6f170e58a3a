import type { Frame } from "./packet-frames.ts";
import { PROTOCOL_ERROR, ProtocolFault, readVarInt, typeOf } from "./packet-frames.ts";
import type { Properties } from "./packet-properties.ts";
import { NO_PROPERTIES, readProperties } from "./packet-properties.ts";
import { PacketType, packetName } from "./packet-type.ts";
import type { ProtocolLevel } from "./transport.ts";

const { CONNACK, SUBACK, UNSUBACK, PINGRESP, DISCONNECT } = PacketType;

/** A packet other than PUBLISH, as far as this library reads it. */
export interface ControlPacket {
  readonly type: number;
  /** 0 in packets that have none. */
  readonly messageId: number;
  /** 0, success, in packets that have none. */
  readonly reasonCode: number;
  readonly properties: Properties;
}

/** Reads the fields that stand at the front of a packet, each only if the packet goes so far. */
class FieldReader {
  readonly #packet: Uint8Array;
  readonly #type: number;
  at: number;

  constructor({ packet, bodyAt }: Frame, type: number) {
    this.#packet = packet;
    this.#type = type;
    this.at = bodyAt;
  }

  get rest(): number {
    return this.#packet.length - this.at;
  }

  fault(what: string, reasonCode?: number): ProtocolFault {
    return new ProtocolFault(`a ${packetName(this.#type)} ${what}`, reasonCode);
  }

  byte(): number {
    const byte = this.#packet[this.at];
    if (byte === undefined) throw this.fault("that is too short");
    this.at += 1;
    return byte;
  }

  messageId(): number {
    if (this.rest < 2) throw this.fault("without a packet identifier");
    const id = this.byte() * 0x100 + this.byte();
    if (id === 0) throw this.fault("with the packet identifier 0", PROTOCOL_ERROR);
    return id;
  }

  properties(): Properties {
    const length = readVarInt(this.#packet, this.at);
    const end = length && length.end + length.value;
    if (length === undefined || end === undefined || end > this.#packet.length) {
      throw this.fault("that is shorter than its properties");
    }
    this.at = end;
    return readProperties(this.#packet, { at: length.end, end, type: this.#type });
  }

  expectEnd(): void {
    if (this.rest > 0) throw this.fault("that is too long");
  }
}

type Fields = Omit<ControlPacket, "type">;

const NO_FIELDS: Fields = { messageId: 0, reasonCode: 0, properties: NO_PROPERTIES };

/** Reason code and properties, each of which may be left out at the end (MQTT 5 §3.4.2, §3.14.2). */
const readReason = (fields: FieldReader, messageId: number): Fields => {
  if (fields.rest === 0) return { ...NO_FIELDS, messageId };
  const reasonCode = fields.byte();
  const properties = fields.rest === 0 ? NO_PROPERTIES : fields.properties();
  fields.expectEnd();
  return { messageId, reasonCode, properties };
};

const readConnack = (fields: FieldReader, level: ProtocolLevel): Fields => {
  const flags = fields.byte();
  if (flags > 1) throw fields.fault("with flags that it may not have");
  const reasonCode = fields.byte();
  // A broker that knows MQTT 3.1.1 only refuses MQTT 5 in its own form.
  const properties = level === 5 && fields.rest > 0 ? fields.properties() : NO_PROPERTIES;
  fields.expectEnd();
  return { messageId: 0, reasonCode, properties };
};

const readVerdicts = (fields: FieldReader, level: ProtocolLevel, hasCodes: boolean): Fields => {
  const messageId = fields.messageId();
  const properties = level === 5 ? fields.properties() : NO_PROPERTIES;
  if (hasCodes && fields.rest === 0) throw fields.fault("without a verdict");
  if (!hasCodes) fields.expectEnd();
  return { messageId, reasonCode: 0, properties };
};

const readAcknowledgement = (fields: FieldReader, level: ProtocolLevel): Fields => {
  const messageId = fields.messageId();
  if (level === 5) return readReason(fields, messageId);
  fields.expectEnd();
  return { ...NO_FIELDS, messageId };
};

const readDisconnect = (fields: FieldReader, level: ProtocolLevel): Fields => {
  if (level === 5) return readReason(fields, 0);
  throw fields.fault("from a broker, which MQTT 3.1.1 does not know", PROTOCOL_ERROR);
};

const readFields = (fields: FieldReader, type: number, level: ProtocolLevel): Fields => {
  if (type === CONNACK) return readConnack(fields, level);
  if (type === SUBACK) return readVerdicts(fields, level, true);
  if (type === UNSUBACK) return readVerdicts(fields, level, level === 5);
  if (type === DISCONNECT) return readDisconnect(fields, level);
  if (type !== PINGRESP) return readAcknowledgement(fields, level);
  fields.expectEnd();
  return NO_FIELDS;
};

/**
 * Reads any packet but PUBLISH, whose first byte has been checked.
 *
 * @throws {ProtocolFault} it is not as it should be.
 */
export const readControlPacket = (frame: Frame, level: ProtocolLevel): ControlPacket => {
  const type = typeOf(frame.packet[0] ?? 0);
  return { type, ...readFields(new FieldReader(frame, type), type, level) };
};
