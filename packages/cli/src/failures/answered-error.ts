import { ResponseException } from "gf-mqtt-client";
import type { ResponsePayload } from "gf-mqtt-client";

/** An error with which a device has answered; others with a response code are the client's own. */
export type AnsweredError = ResponseException & { readonly response: ResponsePayload };

/** Whether a device has answered with this error, and not the client because no answer came. */
export const isAnswered = (error: unknown): error is AnsweredError =>
  error instanceof ResponseException && error.response !== undefined;
