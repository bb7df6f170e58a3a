import { createContext, runInContext } from "node:vm";
import type * as script from "./bare-page/script.ts";
import { bundleScript } from "./bundle.ts";

/** What browsers and Node have beside the language, as far as MQTT.js and the library use it. */
const OFFERED = {
  AbortController,
  AbortSignal,
  Blob,
  Event,
  EventTarget,
  TextDecoder,
  TextEncoder,
  URL,
  URLSearchParams,
  clearInterval,
  clearTimeout,
  crypto,
  performance,
  queueMicrotask,
  setInterval,
  setTimeout,
};

/**
 * A stand-in for a page, with nothing in it that only Node has; gives what `bare-page/script.ts`
 * exports, to be run there.
 * All its code is loaded anew, so no page sees what happened in another.
 */
export const openBarePage = async (): Promise<typeof script> => {
  const { code } = await bundleScript("bare-page/script.ts", {
    format: "iife",
    globalName: "page",
  });
  const context = createContext({ ...OFFERED });
  runInContext(code, context, { filename: "bare-page.js" });
  const page: typeof script = runInContext("page", context);
  return page;
};
