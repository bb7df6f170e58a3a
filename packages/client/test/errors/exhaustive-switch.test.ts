import { expect, test } from "vitest";
import type { AnyGfMqttError, GfMqttErrorCode } from "../../src/index.ts";
import { LinkLostError } from "../../src/index.ts";

const forgotten = (code: never): never => {
  throw new TypeError(`no case for ${String(code)}`);
};

/** Compiles only while each code has its case. */
const kindOf = (code: GfMqttErrorCode): "link" | "input" | "answer" => {
  switch (code) {
    case "NOT_CONNECTED":
    case "CLIENT_CLOSED":
    case "WORKER_LOST":
    case "LINK_LOST":
    case "SUBSCRIPTION_REFUSED":
    case "PUBLISH_REFUSED":
    case "CONNECTION_FAILED":
      return "link";
    case "INVALID_PAYLOAD":
    case "INVALID_TOPIC":
    case "INVALID_OPTION":
    case "UNKNOWN_OPTION":
    case "NESTED_TOO_DEEP":
    case "RUNTIME_NOT_SUPPORTED":
      return "input";
    case "RESPONSE_ERROR":
    case "BAD_REQUEST":
    case "UNAUTHORIZED":
    case "BAD_OPTION":
    case "FORBIDDEN":
    case "NOT_FOUND":
    case "METHOD_NOT_ALLOWED":
    case "NOT_ACCEPTABLE":
    case "PRECONDITION_FAILED":
    case "REQUEST_ENTITY_TOO_LARGE":
    case "UNSUPPORTED_CONTENT_FORMAT":
    case "INTERNAL_SERVER_ERROR":
    case "NOT_IMPLEMENTED":
    case "BAD_GATEWAY":
    case "SERVICE_UNAVAILABLE":
    case "GATEWAY_TIMEOUT":
    case "PROXYING_NOT_SUPPORTED":
      return "answer";
    default:
      return forgotten(code);
  }
};

/** The same over the code of an error. */
const kindOfError = (error: AnyGfMqttError): string => {
  const { code } = error;
  return kindOf(code);
};

/** One case is missing here, which the compiler reports. */
const incomplete = (code: Extract<GfMqttErrorCode, "LINK_LOST" | "NOT_CONNECTED">): string => {
  switch (code) {
    case "NOT_CONNECTED":
      return "link";
    default:
      // @ts-expect-error -- "LINK_LOST" has no case
      return forgotten(code);
  }
};

test("a switch over all codes is exhaustive", () => {
  expect(kindOfError(new LinkLostError("BROKER"))).toBe("link");
  expect(() => incomplete("LINK_LOST")).toThrow("no case for LINK_LOST");
});
