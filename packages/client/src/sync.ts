/// <reference lib="esnext.disposable" preserve="true" />

export {
  NestedCallError,
  RuntimeNotSupportedError,
  WorkerLostError,
} from "./protocol/sync-errors.ts";
export type {
  RunOptions,
  SyncDeviceHandle,
  SyncPublishOptions,
  SyncResourceMethod,
} from "./sync/calls.ts";
export {
  SyncMessageHandlerBase,
  SyncRequestHandlerBase,
  SyncResponseHandlerBase,
} from "./sync/handler-classes.ts";
export type { SyncMessageHandler } from "./sync/handler-classes.ts";
export type { SyncMQTTClientOptions } from "./sync/options.ts";
export { SyncMQTTClient } from "./sync/sync-client.ts";
