import { expect, test } from "vitest";

import { readText } from "./support/documents.ts";
import { namesInTables } from "./support/markdown.ts";

const inTables = namesInTables(readText("docs/coming-from-python.md"));

/** What `from gf_mqtt_client import *` gives in version 0.2.0. */
const PACKAGE = `
  MQTTClientBase MQTTBrokerConfig Method ResponseCode MessageType ResponseException
  BadRequestResponse UnauthorizedResponse BadOptionResponse ForbiddenResponse NotFoundResponse
  MethodNotAllowedResponse NotAcceptableResponse PreconditionFailedResponse
  RequestEntityTooLargeResponse UnsupportedContentFormatResponse InternalServerErrorResponse
  NotImplementedResponse BadGatewayResponse ServiceUnavailableResponse GatewayTimeoutResponse
  ProxyingNotSupportedResponse MessageHandlerProtocol MessageHandlerBase RequestHandlerBase
  ResponseHandlerBase SyncMessageHandlerProtocol SyncMessageHandlerBase SyncRequestHandlerBase
  SyncResponseHandlerBase TopicManager PayloadHandler MQTTClient
  ensure_compatible_event_loop_policy set_compatible_event_loop_policy
  configure_asyncio_compatibility reset_event_loop_policy SyncMQTTClient
`;

/** Further names that its modules export. */
const MODULES = `
  parse_method MessageLogger ClientFormatter RequestPayload ResponsePayload GeneralPayload
  HeaderRequest HeaderResponse RESPONSE_CODE_EXCEPTION_MAP handle_response_with_exception
  protocol_utils ResponseHandlerDefault RequestHandlerDefault SyncResponseHandlerDefault
  SyncRequestHandlerDefault
`;

/** Members of its clients, and what these take. */
const CLIENTS = `
  broker port timeout identifier subscriptions username password ensure_unique_identifier logger
  qos_default connect disconnect is_connected request publish subscribe add_message_handler
  remove_message_handler set_credentials generate_request_id target_device_tag subsystem path
  method value qos topic payload wait handler
`;

/** Members of its handlers, of its payload and topic classes, and of its exceptions. */
const OTHERS = `
  can_handle handle process propagate raise_exceptions create_general_payload
  create_request_payload create_response_payload validate_payload parse_payload
  build_request_topic build_response_topic get_target_device_tag_from_topic get_parts
  response_code detail source target request_id token correlation_id timestamp body default_code
`;

test.each([PACKAGE, MODULES, CLIENTS, OTHERS].flatMap((names) => names.trim().split(/\s+/)))(
  "the Python library's %s has its place in the tables",
  (name) => {
    expect(inTables).toContain(name);
  },
);
