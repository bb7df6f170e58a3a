// @ts-check
// MQTT packets in a stream of bytes (MQTT 5 §2.1.4).

/** Splits a stream. @param {(first: number, body: Buffer, whole: Buffer) => void} onPacket */
export const packetsOf = (onPacket) => {
  let rest = Buffer.alloc(0);
  return (/** @type {Buffer} */ bytes) => {
    rest = Buffer.concat([rest, bytes]);
    for (;;) {
      const digits = rest.subarray(1, 5).findIndex((byte) => byte < 0x80);
      if (digits === -1) return;
      let length = 0;
      for (let at = digits; at >= 0; at -= 1) length = length * 128 + ((rest[1 + at] ?? 0) & 0x7f);
      const end = 2 + digits + length;
      if (rest.length < end) return;
      const whole = rest.subarray(0, end);
      rest = rest.subarray(end);
      onPacket(whole[0] ?? 0, whole.subarray(2 + digits), whole);
    }
  };
};
