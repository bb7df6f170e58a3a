/** Reason codes from here on are refusals (MQTT 5 §2.4); the lower ones of a SUBACK are the granted QoS. */
const FIRST_REFUSAL = 0x80;

/** Whether the broker has refused; a broker that tells no code has not. */
export const isRefused = (code: number | undefined): boolean => (code ?? 0) >= FIRST_REFUSAL;
