/** What a client has counted since it was made. */
export interface ClientCounts {
  /** Requests handed to the broker; with `retry`, each time. */
  readonly requestsSent: number;
  /** Responses that settled a request, error codes included. */
  readonly responsesReceived: number;
  /** Responses to requests to groups, each device's first one. */
  readonly groupResponsesReceived: number;
  /** Requests that ended without a response: deadline, signal, or the client's end; with `retry`, each attempt that did. */
  readonly requestsUnanswered: number;
  /** Requests that arrived and were accepted for the handlers. */
  readonly requestsReceived: number;
  /** Messages dropped because they were no JSON object of a known form, or no UTF-8. */
  readonly invalidMessages: number;
  /** Responses dropped because their request had been answered before. */
  readonly duplicateResponses: number;
  /** Responses dropped because their request had given up. */
  readonly lateResponses: number;
  /** Responses dropped because they answer nothing that was asked, or come from a device that was not. */
  readonly unsolicitedResponses: number;
  /** Requests that came again: dropped, or answered as the first time. */
  readonly duplicateRequests: number;
  /** Requests answered 503, and other messages dropped, answers to requests to groups among them, because too many were waiting or the client was leaving. */
  readonly overloaded: number;
  /** Requests answered 413 because of `maxPayloadBytes`. */
  readonly oversizedRequests: number;
  /** Errors that handlers threw and that reached no caller. */
  readonly handlerErrors: number;
  /** Messages with an integer that a JavaScript number cannot hold exactly. */
  readonly inexactNumbers: number;
  /** Links that replaced a lost one. */
  readonly reconnects: number;
  /** Times that somebody else has overwritten the status of this device, which most likely has a twin. */
  readonly statusConflicts: number;
}

/** Everything that a client tells of itself in numbers. */
export interface ClientStatistics extends ClientCounts {
  /** Requests that wait for their response now. */
  readonly requestsInFlight: number;
  /** Topic filters held at the broker now. */
  readonly subscriptionsHeld: number;
}

/** The counters while they count. */
export type Counters = { -readonly [Name in keyof ClientCounts]: ClientCounts[Name] };

/** All counters at zero. */
export const startCounters = (): Counters => ({
  requestsSent: 0,
  responsesReceived: 0,
  groupResponsesReceived: 0,
  requestsUnanswered: 0,
  requestsReceived: 0,
  invalidMessages: 0,
  duplicateResponses: 0,
  lateResponses: 0,
  unsolicitedResponses: 0,
  duplicateRequests: 0,
  overloaded: 0,
  oversizedRequests: 0,
  handlerErrors: 0,
  inexactNumbers: 0,
  reconnects: 0,
  statusConflicts: 0,
});
