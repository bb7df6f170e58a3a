/** Makes a fresh identifier: a random UUID (RFC 9562 §5.4) in lower case. */
export type CreateId = () => string;

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

const fromRandomBytes = (): string => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const view = new DataView(bytes.buffer);
  view.setUint8(6, (view.getUint8(6) & 0x0f) | 0x40);
  view.setUint8(8, (view.getUint8(8) & 0x3f) | 0x80);
  const digits = Array.from(bytes, (byte) => HEX[byte]).join("");
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(12, 16),
    digits.slice(16, 20),
    digits.slice(20),
  ].join("-");
};

/** A random UUID. Browsers lack `crypto.randomUUID` on insecure origins; there it is made from random bytes. */
export const randomId: CreateId = () =>
  typeof crypto.randomUUID === "function" ? crypto.randomUUID() : fromRandomBytes();
