/// <reference lib="esnext.disposable" preserve="true" />

export * from "./browser.ts";
export * from "./sync.ts";
