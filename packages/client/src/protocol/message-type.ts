/** What a message is for: the third segment of its topic. */
export const MessageType = {
  REQUEST: "request",
  RESPONSE: "response",
  EVENT: "event",
  SYSTEM: "system",
} as const;

/** One of the four message types. */
export type MessageType = (typeof MessageType)[keyof typeof MessageType];
