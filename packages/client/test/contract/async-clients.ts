import {
  MessageHandlerBase,
  MQTTClient,
  RequestHandlerBase,
  ResponseHandlerBase,
} from "../../src/index.ts";
import type { ClientKind } from "./client-under-test.ts";

/** `MQTTClient`, whose calls give promises. */
export const asyncClients: ClientKind = {
  name: "MQTTClient",
  makesConcurrentCalls: true,
  awaitsPromises: true,
  takesMakersOfIds: true,
  servesWhileOthersCall: true,
  handlers: { MessageHandlerBase, RequestHandlerBase, ResponseHandlerBase },
  create: (options) => new MQTTClient(options),
};
