// Control characters, line and paragraph separators, and marks that turn the direction of writing.
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/gu;

/** Text from the network as it can be printed on a terminal: what would move its cursor or change its colours is escaped. */
export const safeText = (text: string): string =>
  text.replace(
    UNSAFE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
