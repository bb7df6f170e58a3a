import { encodeJson } from "../protocol/json-encode.ts";
import type { ResponseCode } from "../protocol/response-code.ts";

/** An error code in answer to a request. */
export interface ErrorAnswer {
  readonly code: ResponseCode;
  /** Becomes the body. */
  readonly detail: unknown;
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
 */
export const encodeErrorAnswer = (answer: ErrorAnswer, { source, timestamp }: Answering): string => {
  const { code, detail, header } = answer;
  const response = {
    timestamp,
    body: detail ?? null,
    header: {
      request_id: header["request_id"],
      path: textOrNull(header["path"]) ?? "",
      correlation_id: textOrNull(header["correlation_id"]),
      source,
      response_code: code,
    },
  };
  try {
    return encodeJson(response, "error response");
  } catch {
    // What cannot be said in JSON stays here; the code tells the peer enough.
    return encodeJson({ ...response, body: null }, "error response");
  }
};
