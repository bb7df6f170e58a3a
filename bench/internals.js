// @ts-check
// Parts of the library that no entry point exports, as they were built.

/** @param {string} path Below the client's folder of built files. */
const built = (path) => import(new URL(`../packages/client/dist/${path}`, import.meta.url).href);

/** @type {typeof import("../packages/client/src/handlers/chain.ts")} */
export const { runAsync, walkChain } = await built("handlers/chain.js");
/** @type {typeof import("../packages/client/src/protocol/payload-kind.ts")} */
export const { readArriving } = await built("protocol/payload-kind.js");
/** @type {typeof import("../packages/client/src/json/decode.ts")} */
export const { decodeJson } = await built("json/decode.js");
/** @type {typeof import("../packages/client/src/json/encode.ts")} */
export const { encodeJson } = await built("json/encode.js");
/** @type {typeof import("../packages/client/src/transport/publish-decoder.ts")} */
export const { decodePublish } = await built("transport/publish-decoder.js");
/** @type {typeof import("../packages/client/src/transport/packet-frames.ts")} */
export const { PacketFrames } = await built("transport/packet-frames.js");
/** @type {typeof import("../packages/client/src/transport/publish-encoder.ts")} */
export const { PublishEncoder } = await built("transport/publish-encoder.js");
