import { describe, expect, test } from "vitest";
import { readArriving } from "../../src/protocol/arriving.ts";
import { decodeJson } from "../../src/protocol/json-decode.ts";
import { encodeJson } from "../../src/protocol/json-encode.ts";
import { PayloadHandler } from "../../src/protocol/payload-handler.ts";
import type { RequestPayload, ResponsePayload } from "../../src/protocol/payload.ts";
import { isResponseCode } from "../../src/protocol/response-code.ts";
import { TopicManager } from "../../src/protocol/topic.ts";
import { wireMessages } from "./vectors.ts";

const handler = new PayloadHandler();
const topics = new TopicManager();

const typeOf = (topic: string): string | undefined => topics.getParts(topic)?.type;
const arrived = wireMessages.map(({ payload, ...rest }) => ({
  ...rest,
  text: payload,
  message: readArriving(decodeJson(new TextEncoder().encode(payload))),
}));

const remakeRequest = ({ header, body, timestamp }: RequestPayload): RequestPayload =>
  handler.createRequestPayload(header.method, header.path, header.request_id, {
    body,
    token: header.token,
    correlationId: header.correlation_id,
    source: header.source,
    timestamp,
  });

const remakeResponse = ({ header, body, timestamp }: ResponsePayload): ResponsePayload => {
  const { response_code: code, path, request_id: requestId, correlation_id: batch } = header;
  if (!isResponseCode(code)) throw new Error(`recorded with code ${code}`);
  const options = { correlationId: batch, source: header.source, timestamp };
  return handler.createResponsePayload(code, path, requestId, body, options);
};

describe("what the reference library put on the wire", () => {
  test("was recorded with requests, responses and a general payload", () => {
    expect(new Set(arrived.map(({ message }) => message.kind))).toEqual(
      new Set(["request", "response", "general"]),
    );
  });

  test("arrives as what its topic says", () => {
    for (const { topic, scenario, message } of arrived) {
      const type = typeOf(topic);
      expect(message.kind, scenario).toBe(type === "event" ? "general" : type);
    }
  });

  test("follows the strict rules too", () => {
    for (const { text, scenario } of arrived) {
      expect(() => handler.parsePayload(text), scenario).not.toThrow();
    }
  });

  test("is answered on the topic on which it was answered", () => {
    const answered = new Set(arrived.map(({ topic }) => topic));
    for (const { topic, message } of arrived) {
      if (message.kind !== "request" || topic.includes("/absent/")) continue;
      expect(answered).toContain(topics.buildResponseTopic(topic));
    }
  });

  test("is what we put there for the same request, byte for byte", () => {
    for (const { text, scenario, message } of arrived) {
      // Numbers beyond what JavaScript holds, and those it writes otherwise, are compared below.
      if (message.kind !== "request" || JSON.stringify(JSON.parse(text)) !== text) continue;
      expect(encodeJson(remakeRequest(message.payload), "request"), scenario).toBe(text);
    }
  });

  test("is what we put there for the same request, value for value", () => {
    for (const { scenario, message } of arrived) {
      if (message.kind !== "request") continue;
      expect(remakeRequest(message.payload), scenario).toEqual(message.payload);
    }
  });

  test("is what we put there for the same response, without its empty token", () => {
    for (const { scenario, message } of arrived) {
      if (message.kind !== "response") continue;
      const { token, ...header } = message.payload.header;
      expect(token ?? null, scenario).toBeNull();
      // Devices that answer by hand leave out what they don't know; we send null.
      const filled = { correlation_id: null, source: null, ...header };
      const expected = { ...message.payload, header: filled };
      expect(remakeResponse(message.payload), scenario).toEqual(expected);
    }
  });

  test("is what we put there for the same general payload", () => {
    for (const { text, message } of arrived) {
      if (message.kind !== "general") continue;
      const { body, timestamp } = message.payload;
      expect(encodeJson(handler.createGeneralPayload(body, timestamp), "general")).toBe(text);
    }
  });

  test("a boolean stays one where the reference sends a number", () => {
    const sent = arrived.find(({ scenario }) => scenario.startsWith("async PUT body 11 true"));
    if (sent?.message.kind !== "request") throw new Error("the recording has no boolean body");
    expect(sent.message.payload.body).toBe(1);
    expect(remakeRequest({ ...sent.message.payload, body: true }).body).toBe(true);
  });
});
