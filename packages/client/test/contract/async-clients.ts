import {
  MessageHandlerBase,
  MQTTClient,
  RequestHandlerBase,
  ResourceRouter,
  ResponseHandlerBase,
} from "../../src/index.ts";
import type { ClientKind, HandlerClasses } from "./client-under-test.ts";

// A router is of its client; the cases give it that one.
const handlers = {
  MessageHandlerBase,
  RequestHandlerBase,
  ResponseHandlerBase,
  ResourceRouter,
} as unknown as HandlerClasses;

/** `MQTTClient`, whose calls give promises. */
export const asyncClients: ClientKind = {
  name: "MQTTClient",
  makesConcurrentCalls: true,
  awaitsPromises: true,
  takesMakersOfIds: true,
  servesWhileOthersCall: true,
  handlers,
  create: (options) => new MQTTClient(options),
};
