import type { RespondOptions } from "../client/options/call-options.ts";
import { readHeaderFields } from "../client/responder.ts";
import type { ClientState } from "../client/session.ts";
import type { ClientStatistics, Counters } from "../client/statistics.ts";
import { isJsonObject } from "../json/object.ts";
import type { Arrival } from "../handlers/message-handler.ts";
import type { RequestPayload } from "../protocol/payload.ts";
import type { ResponseContext } from "../protocol/response-error.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Subscription } from "../transport/transport.ts";
import type { CrossingCredentials, CrossingSettings } from "./options.ts";
import type { Crossed, CrossingFormat } from "./crossing-format.ts";
import type { Serialized, Thrown } from "./serialized.ts";

/** What a client takes along from one connect to the next, each of which has a worker of its own. */
export interface Snapshot {
  readonly statistics: ClientStatistics;
  readonly subscriptions: readonly Subscription[];
}

/** What a worker makes a client of: checked settings, and what an earlier worker of the client left. */
export interface WorkerInit {
  readonly settings: CrossingSettings;
  readonly credentials: CrossingCredentials;
  readonly isLogging: boolean;
  readonly counters: Counters;
  /** Undefined: those of the settings. */
  readonly subscriptions: readonly Subscription[] | undefined;
}

/** What a worker is told to serve a client with. */
export interface WorkerStart {
  readonly port: unknown;
  readonly cells: SharedArrayBuffer;
  readonly wakeup: SharedArrayBuffer;
  readonly init: WorkerInit;
}

/** What the caller's thread can have done, by name. */
export type CallName =
  | "connect"
  | "disconnect"
  | "request"
  | "requestMany"
  | "publish"
  | "respond"
  | "subscribe"
  | "unsubscribe"
  | "statistics"
  | "presence"
  /** A step of an iteration that was begun by one of the above, and its end. */
  | "next"
  | "return";

/** A call to be made. */
export interface Call {
  readonly name: CallName;
  /** Without a signal: that stays here. */
  readonly options: unknown;
  readonly args: readonly unknown[];
}

/** A call of `respond()`, as it crosses. */
export interface CrossingAnswer extends Pick<RequestPayload, "header" | "body"> {
  readonly headerFields: RespondOptions["header"];
}

/** @throws {PayloadValidationError} the format would spoil the answer. */
export const encodeAnswer = (
  { write }: CrossingFormat,
  request: unknown,
  { body, header: headerFields }: Pick<RespondOptions, "body" | "header">,
): Crossed => {
  const given: unknown = isJsonObject(request) ? request["header"] : undefined;
  const { request_id, path, correlation_id, accept } = isJsonObject(given) ? given : {};
  const header = { request_id, path, correlation_id, accept };
  return write({ body, header, headerFields: readHeaderFields(headerFields) }, "response");
};

/** How a call ended. */
export type CallResult =
  /** With a response, as JSON. */
  | string
  | { readonly kind: "value"; readonly value: unknown }
  /** With what a handler on the caller's thread gave, which never left it. */
  | { readonly kind: "reference"; readonly id: number }
  | { readonly kind: "error"; readonly error: Serialized };

/** What the worker asks the caller's thread for. Payloads cross by a {@link CrossingFormat}. */
export type Ask =
  | { readonly kind: "password" }
  | {
      readonly kind: "request";
      readonly topic: string;
      readonly payload: Crossed;
      readonly arrival: Arrival | undefined;
    }
  | { readonly kind: "general"; readonly topic: string; readonly payload: Crossed }
  | { readonly kind: "outgoing"; readonly topic: string; readonly payload: Crossed }
  | {
      readonly kind: "response";
      readonly topic: string;
      readonly payload: Crossed;
      readonly context: ResponseContext;
    };

/** What comes back for an {@link Ask}. */
export type Answer =
  | { readonly kind: "done"; readonly isHandled: boolean }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "payload"; readonly payload: Crossed }
  | { readonly kind: "reference"; readonly id: number }
  /** A handler threw a `ResponseException`; `detail` as JSON, where it has a JSON form. */
  | { readonly kind: "refused"; readonly code: number; readonly detail: string | undefined }
  | { readonly kind: "threw"; readonly thrown: Thrown };

/** A call. Calls and results cross as lists: `postMessage` copies these faster than objects. */
export type CallMessage = readonly [
  id: number,
  name: CallName,
  isCancellable: boolean,
  options: unknown,
  ...args: unknown[],
];

/** The end of a call. */
export type ResultMessage = readonly [id: number, result: CallResult];

/** From the caller's thread to the worker. */
export type ToWorker =
  | CallMessage
  /** A call that holds what would not cross as it is. */
  | { readonly type: "packed-call"; readonly parts: readonly Serialized[] }
  | { readonly type: "cancel"; readonly id: number }
  | { readonly type: "answer"; readonly id: number; readonly answer: Answer }
  | { readonly type: "handler-error" }
  | { readonly type: "credentials"; readonly credentials: CrossingCredentials };

/** A level of a log. */
export type LogLevel = keyof Logger;

/** From the worker to the caller's thread. */
export type ToCaller =
  | ResultMessage
  | { readonly type: "ask"; readonly id: number; readonly ask: Ask }
  | { readonly type: "state"; readonly state: ClientState; readonly cause: Serialized | undefined }
  | {
      readonly type: "log";
      readonly level: LogLevel;
      readonly fields: Serialized;
      readonly text: string;
    }
  | { readonly type: "fatal"; readonly error: Serialized };
