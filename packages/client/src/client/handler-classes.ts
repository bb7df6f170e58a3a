import type { MessageHandlerOf } from "../handlers/message-handler.ts";
import { MessageHandlerBaseOf } from "../handlers/handler-classes.ts";
import { RequestHandlerBaseOf } from "../handlers/handler-classes.ts";
import { ResponseHandlerBaseOf } from "../handlers/handler-classes.ts";
import type { MQTTClient } from "./mqtt-client.ts";

/** What can be added to an {@link MQTTClient}: any object of this shape. */
export type MessageHandler = MessageHandlerOf<MQTTClient>;

/**
 * Handles whatever its `canHandle` accepts: requests, responses and general messages.
 * @example
 * const handler = new MessageHandlerBase({ process: (_client, topic) => console.log(topic) });
 */
export class MessageHandlerBase extends MessageHandlerBaseOf<MQTTClient> {}

/**
 * Handles requests. An incoming one that makes it throw is answered: a `ResponseException` with its
 * code, anything else with 500. An outgoing one that makes it throw is not sent; `request()` rejects.
 * @example
 * const handler = new RequestHandlerBase({
 *   process: (client, topic, request) => client.respond(topic, request, { body: [0, 1, 2] }),
 * });
 */
export class RequestHandlerBase extends RequestHandlerBaseOf<MQTTClient> {}

/**
 * Handles responses before the caller of `request()` gets them.
 * @example
 * const handler = new ResponseHandlerBase({
 *   process: (_client, _topic, response) => console.log(response.header.response_code),
 * });
 */
export class ResponseHandlerBase extends ResponseHandlerBaseOf<MQTTClient> {}
