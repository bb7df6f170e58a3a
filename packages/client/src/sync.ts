/// <reference lib="esnext.disposable" preserve="true" />

export { NestedCallError, RuntimeNotSupportedError } from "./errors/input-errors.ts";
export { WorkerLostError } from "./errors/connection-errors.ts";
export type { SyncDeviceHandle } from "./sync/device-handle.ts";
export type { RunOptions, SyncPublishOptions } from "./sync/options.ts";
export {
  SyncMessageHandlerBase,
  SyncRequestHandlerBase,
  SyncResponseHandlerBase,
} from "./sync/handler-classes.ts";
export type { SyncMessageHandler } from "./sync/handler-classes.ts";
export { SyncResourceRouter } from "./sync/resource-router.ts";
export type { SyncResourceRouterOptions } from "./sync/resource-router.ts";
export type { SyncMQTTClientOptions } from "./sync/options.ts";
export { SyncMQTTClient } from "./sync/sync-client.ts";
