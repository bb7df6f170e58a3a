export { cbor } from "./cbor/content-format.ts";
export type { ContentFormat } from "./protocol/content-format.ts";
