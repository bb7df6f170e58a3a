import { PayloadValidationError } from "../errors/input-errors.ts";
import { GatewayTimeoutResponse } from "../errors/error-responses.ts";
import { ResponseException } from "../errors/response-exception.ts";
import type { ContentFormat } from "../protocol/content-format.ts";
import type { RequestPayload } from "../protocol/payload.ts";

/** Whether one of the formats carries what JSON does not. */
export const isCarriedBy = (formats: readonly ContentFormat[], payload: RequestPayload): boolean =>
  formats.some((format) => {
    try {
      return format.encode(payload, "request payload").length > 0;
    } catch {
      return false;
    }
  });

/** A question that every device answers, if only with 404: the format of its answer tells which it has. */
export const inquiryFor = (payload: RequestPayload, requestId: string): RequestPayload => ({
  ...payload,
  body: null,
  header: {
    ...payload.header,
    method: "GET",
    path: ".well-known/core",
    request_id: requestId,
  },
});

/** Waits for the answer to it, whatever it says. */
export const untilAnswered = async (answer: Promise<unknown>): Promise<void> => {
  try {
    await answer;
  } catch (error) {
    if (error instanceof ResponseException && !(error instanceof GatewayTimeoutResponse)) return;
    throw error;
  }
};

/** What JSON cannot carry to a device that has nothing else. */
export const refusedAsJson = (cause: unknown, target: string): unknown => {
  if (!(cause instanceof PayloadValidationError)) return cause;
  const issues = cause.issues.map(({ path, message }) => ({
    path,
    message: `${message}; ${target} has no other format than JSON`,
  }));
  return new PayloadValidationError("request payload", issues, { cause });
};
