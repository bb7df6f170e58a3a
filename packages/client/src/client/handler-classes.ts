import type { MessageHandlerOf } from "../handlers/message-handler.ts";
import { MessageHandlerBaseOf } from "../handlers/handler-classes.ts";
import { RequestHandlerBaseOf } from "../handlers/handler-classes.ts";
import { ResponseHandlerBaseOf } from "../handlers/handler-classes.ts";
import type { MQTTClient } from "./mqtt-client.ts";

/** What can be added to an {@link MQTTClient}: any object of this shape. */
export type MessageHandler = MessageHandlerOf<MQTTClient>;

/** Handles whatever its `canHandle` accepts: requests, responses and general messages. */
export class MessageHandlerBase extends MessageHandlerBaseOf<MQTTClient> {}

/**
 * Handles requests. An incoming one that makes it throw is answered: a `ResponseException` with its
 * code, anything else with 500. An outgoing one that makes it throw is not sent; `request()` rejects.
 */
export class RequestHandlerBase extends RequestHandlerBaseOf<MQTTClient> {}

/** Handles responses before the caller of `request()` gets them. */
export class ResponseHandlerBase extends ResponseHandlerBaseOf<MQTTClient> {}
