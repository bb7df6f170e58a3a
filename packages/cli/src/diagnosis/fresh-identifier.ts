/** An identifier that nobody else has. */
export const freshIdentifier = (): string => `gf-mqtt-doctor-${crypto.randomUUID().slice(0, 8)}`;
