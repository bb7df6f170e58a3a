import { describe, expect, test } from "vitest";
import { readArriving } from "../../src/protocol/payload-kind.ts";
import { decodeJson } from "../../src/json/decode.ts";
import { encodeJson } from "../../src/json/encode.ts";
import { PayloadHandler } from "../../src/protocol/payload-handler.ts";
import type { RequestPayload } from "../../src/protocol/payload.ts";
import type { ResponsePayload } from "../../src/errors/response-payload.ts";
import { isResponseCode } from "../../src/errors/response-code.ts";
import { TopicManager } from "../../src/protocol/topic.ts";
import { wireMessages } from "./vectors.ts";

const handler = new PayloadHandler();
const topics = new TopicManager();

const arrived = wireMessages.map(({ payload, ...rest }) => ({
  ...rest,
  text: payload,
  message: readArriving(decodeJson(new TextEncoder().encode(payload))),
}));
const requests = arrived.flatMap(({ message, ...rest }) =>
  message.kind === "request" ? [{ ...rest, payload: message.payload }] : [],
);
const responses = arrived.flatMap(({ message, ...rest }) =>
  message.kind === "response" ? [{ ...rest, payload: message.payload }] : [],
);
const generals = arrived.flatMap(({ message, ...rest }) =>
  message.kind === "general" ? [{ ...rest, payload: message.payload }] : [],
);

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
  test("was recorded whole", () => {
    expect(requests.length + responses.length + generals.length).toBe(wireMessages.length);
    expect(Math.min(requests.length, responses.length, generals.length)).toBeGreaterThan(0);
  });

  test.each(arrived)("arrives as what its topic says: $scenario", ({ topic, message }) => {
    const type = topics.getParts(topic)?.type;
    expect(message.kind).toBe(type === "event" ? "general" : type);
  });

  test.each(arrived)("follows the strict rules: $scenario", ({ text }) => {
    expect(handler.parsePayload(text)).toEqual(JSON.parse(text));
  });

  test.each(requests.filter(({ topic }) => !topic.includes("/absent/")))(
    "is answered on the topic that we would use: $scenario",
    ({ topic }) => {
      expect(responses.map((response) => response.topic)).toContain(
        topics.buildResponseTopic(topic),
      );
    },
  );
});

describe("what we put on the wire", () => {
  test.each(requests)("is the same for a request: $scenario", ({ payload }) => {
    expect(remakeRequest(payload)).toEqual(payload);
  });

  // The rest holds numbers that JavaScript rounds or writes in another way.
  test.each(requests.filter(({ text }) => JSON.stringify(JSON.parse(text)) === text))(
    "is the same for a request, byte for byte: $scenario",
    ({ payload, text }) => {
      expect(encodeJson(remakeRequest(payload), "request payload")).toBe(text);
    },
  );

  test.each(responses)("lacks only the token of a response: $scenario", ({ payload }) => {
    const { token = null, ...header } = payload.header;
    expect(token).toBeNull();
    // Devices that answer by hand leave out what they don't know; we send null.
    const filled = { correlation_id: null, source: null, ...header };
    expect(remakeResponse(payload)).toEqual({ ...payload, header: filled });
  });

  test.each(generals)("is the same for a general payload: $scenario", ({ payload, text }) => {
    const remade = handler.createGeneralPayload(payload.body, payload.timestamp);
    expect(encodeJson(remade, "general payload")).toBe(text);
  });

  test("keeps a boolean where the reference library sends a number", () => {
    const sent = requests.find(({ scenario }) => scenario.startsWith("async PUT body 11 true"));
    expect(sent?.payload.body).toBe(1);
    const options = { body: true };
    const id = "16fd2706-8baf-433b-82eb-8c7fada847da";
    expect(handler.createRequestPayload("PUT", "gains", id, options).body).toBe(true);
  });
});
