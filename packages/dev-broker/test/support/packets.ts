const KEEP_ALIVE = [0, 0];

/** A field of a packet: a byte, a UTF-8 string with its length, or bytes as they are. */
export type Field = number | string | Uint8Array;

/** Builds a packet byte by byte, so that it may be wrong: first byte, remaining length, fields. */
export function packet(firstByte: number, ...fields: readonly Field[]): Buffer {
  const body = Buffer.concat(fields.map(encodeField));
  return Buffer.concat([Uint8Array.of(firstByte), encodeLength(body.length), body]);
}

/** A CONNECT without credentials (MQTT 5 §3.1, MQTT 3.1.1 §3.1). */
export function connectPacket(clientId: string, level: 4 | 5): Buffer {
  const properties = level === 5 ? [0] : [];
  return packet(0x10, "MQTT", level, 0x02, ...KEEP_ALIVE, ...properties, clientId);
}

/** A CONNECT that asks for a session which outlives the connection, or resumes it. */
export function sessionPacket(clientId: string, level: 4 | 5): Buffer {
  const sessionExpiry = [0x11, 0, 0, 0, 60];
  const properties = level === 5 ? [sessionExpiry.length, ...sessionExpiry] : [];
  return packet(0x10, "MQTT", level, 0x00, ...KEEP_ALIVE, ...properties, clientId);
}

/** A SUBSCRIBE at QoS 0 with packet identifier 1 (MQTT 5 §3.8, MQTT 3.1.1 §3.8). */
export function subscribePacket(level: 4 | 5, ...filters: readonly string[]): Buffer {
  const properties = level === 5 ? [0] : [];
  return packet(0x82, 0, 1, ...properties, ...filters.flatMap((filter) => [filter, 0]));
}

function encodeField(field: Field): Uint8Array {
  if (typeof field === "number") return Uint8Array.of(field);
  if (typeof field !== "string") return field;
  const text = Buffer.from(field);
  return Buffer.concat([Uint8Array.of(text.length >> 8, text.length & 0xff), text]);
}

// Variable byte integer (MQTT 5 §1.5.5).
function encodeLength(length: number): Uint8Array {
  const bytes: number[] = [];
  let rest = length;
  do {
    const byte = rest & 0x7f;
    rest >>= 7;
    bytes.push(rest > 0 ? byte | 0x80 : byte);
  } while (rest > 0);
  return Uint8Array.from(bytes);
}
