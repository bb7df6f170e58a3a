const SURROGATE = /[\ud800-\udfff]/;
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Whether `text` can be written as UTF-8: it holds no surrogate without its other half. Encoders
 * would put U+FFFD in its place, and strict peers refuse the escaped form.
 */
export const isWellFormed = (text: string): boolean =>
  // The first, cheap test settles nearly every text.
  !SURROGATE.test(text) || !LONE_SURROGATE.test(text);
