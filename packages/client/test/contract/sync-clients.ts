import {
  SyncMessageHandlerBase,
  SyncMQTTClient,
  SyncRequestHandlerBase,
  SyncResourceRouter,
  SyncResponseHandlerBase,
} from "../../src/index.ts";
import type { SyncMQTTClientOptions } from "../../src/index.ts";
import type { ClientKind, HandlerClasses } from "./client-under-test.ts";

// They take plain functions only; the cases give such functions where the client is a blocking one.
const handlers = {
  MessageHandlerBase: SyncMessageHandlerBase,
  RequestHandlerBase: SyncRequestHandlerBase,
  ResponseHandlerBase: SyncResponseHandlerBase,
  ResourceRouter: SyncResourceRouter,
} as unknown as HandlerClasses;

/** `SyncMQTTClient`, whose calls block. */
export const syncClients: ClientKind = {
  name: "SyncMQTTClient",
  makesConcurrentCalls: false,
  awaitsPromises: false,
  takesMakersOfIds: false,
  servesWhileOthersCall: false,
  handlers,
  create: (options) => new SyncMQTTClient(options as SyncMQTTClientOptions),
};
