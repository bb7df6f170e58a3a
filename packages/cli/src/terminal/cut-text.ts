/** A text that fits: what is longer ends with an ellipsis. */
export const cutText = (text: string, width: number): string =>
  text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text;
