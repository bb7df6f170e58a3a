import { encodeJson } from "../json/encode.ts";
import type { ResponseCode } from "../errors/response-code.ts";

/** What a device says in answer to a request. */
export interface Answer {
  readonly code: ResponseCode;
  /** Any JSON value. */
  readonly body: unknown;
  /** Where a created resource is, with 201 (RFC 7252 §5.10.7). */
  readonly location?: string | undefined;
  /** The request's header, as it came. */
  readonly header: Readonly<Record<string, unknown>>;
}

/** Who answers, and when. */
export interface Answering {
  readonly source: string;
  /** Epoch milliseconds. */
  readonly timestamp: number;
}

const textOrNull = (value: unknown): string | null => (typeof value === "string" ? value : null);

/**
 * The response payload as JSON. The request's ids are copied as they came, even where they are no UUIDs:
 * a peer that makes its own ids must recognise them.
 *
 * @throws {PayloadValidationError} JSON would spoil the body.
 */
export const encodeAnswer = (answer: Answer, { source, timestamp }: Answering): string => {
  const { code, body, location, header } = answer;
  const response = {
    timestamp,
    body: body ?? null,
    header: {
      request_id: header["request_id"],
      path: textOrNull(header["path"]) ?? "",
      correlation_id: textOrNull(header["correlation_id"]),
      source,
      response_code: code,
      location,
    },
  };
  return encodeJson(response, "response");
};

/** The same for an answer that must not fail: what cannot be said in JSON is left out, the code tells enough. */
export const encodeErrorAnswer = (answer: Answer, answering: Answering): string => {
  try {
    return encodeAnswer(answer, answering);
  } catch {
    return encodeAnswer({ ...answer, body: null }, answering);
  }
};
