import type {
  ArrivedMessage,
  HandlerResult,
  MessageHandlerOf,
  MessageHandlerOptions,
  RequestHandlerOptions,
  ResponseHandlerOptions,
} from "../handlers/message-handler.ts";
import { refuseAsync } from "../handlers/message-handler.ts";
import { MessageHandlerBaseOf } from "../handlers/handler-classes.ts";
import { RequestHandlerBaseOf } from "../handlers/handler-classes.ts";
import { ResponseHandlerBaseOf } from "../handlers/handler-classes.ts";
import type { SyncMQTTClient } from "./sync-client.ts";

/** What can be added to a {@link SyncMQTTClient}: any object of this shape. Its methods are plain functions. */
export interface SyncMessageHandler extends MessageHandlerOf<SyncMQTTClient> {
  handle(client: SyncMQTTClient, topic: string, ...message: ArrivedMessage): HandlerResult;
}

/**
 * Handles whatever its `canHandle` accepts: requests, responses and general messages.
 * @example
 * const handler = new SyncMessageHandlerBase({ process: (_client, topic) => console.log(topic) });
 */
export class SyncMessageHandlerBase
  extends MessageHandlerBaseOf<SyncMQTTClient, HandlerResult>
  implements SyncMessageHandler
{
  /** @throws {OptionError} an option cannot be taken, or `process` is an async function. */
  constructor(options: MessageHandlerOptions<SyncMQTTClient, HandlerResult>) {
    super(options);
    refuseAsync("process", options.process);
  }
}

/**
 * Handles requests. An incoming one that makes it throw is answered: a `ResponseException` with its
 * code, anything else with 500. An outgoing one that makes it throw is not sent; `request()` throws.
 * @example
 * const handler = new SyncRequestHandlerBase({
 *   process: (client, topic, request) => client.respond(topic, request, { body: [0, 1, 2] }),
 * });
 */
export class SyncRequestHandlerBase
  extends RequestHandlerBaseOf<SyncMQTTClient, HandlerResult>
  implements SyncMessageHandler
{
  /** @throws {OptionError} an option cannot be taken, or `process` is an async function. */
  constructor(options: RequestHandlerOptions<SyncMQTTClient, HandlerResult>) {
    super(options);
    refuseAsync("process", options.process);
  }
}

/**
 * Handles responses before the caller of `request()` gets them.
 * @example
 * const handler = new SyncResponseHandlerBase({
 *   process: (_client, _topic, response) => console.log(response.header.response_code),
 * });
 */
export class SyncResponseHandlerBase
  extends ResponseHandlerBaseOf<SyncMQTTClient, HandlerResult>
  implements SyncMessageHandler
{
  /** @throws {OptionError} an option cannot be taken, or `process` is an async function. */
  constructor(options: ResponseHandlerOptions<SyncMQTTClient, HandlerResult>) {
    super(options);
    refuseAsync("process", options.process);
  }
}
