/** Where a connection stands, with what that state needs to know. */
export type ConnectionState =
  | { readonly kind: "idle" }
  | { readonly kind: "connecting" }
  | { readonly kind: "online"; readonly since: number; readonly attempt: number }
  | { readonly kind: "reconnecting"; readonly attempt: number; readonly cause: Error }
  | { readonly kind: "closed"; readonly cause?: Error };

/** What can happen to a connection. Times are monotonic milliseconds. */
export type ConnectionEvent =
  | { readonly type: "dial" }
  | { readonly type: "opened"; readonly at: number }
  | { readonly type: "failed"; readonly cause: Error }
  | { readonly type: "lost"; readonly at: number; readonly cause: Error }
  | { readonly type: "close" };

/** The part of the reconnect options that decides whether to try once more. */
export interface ReconnectLimit {
  /** Dials in a row that may fail; 0 never reconnects. */
  readonly maxAttempts: number;
}

/** A link that broke sooner than this after it opened counts as a failed attempt, so that flapping backs off. */
export const STABLE_LINK_MS = 5_000;

const retryOrClose = (attempt: number, cause: Error, limit: ReconnectLimit): ConnectionState =>
  attempt > limit.maxAttempts
    ? { kind: "closed", cause }
    : { kind: "reconnecting", attempt, cause };

/** The next state. An event that means nothing in a state leaves the very same object. */
export const transition = (
  state: ConnectionState,
  event: ConnectionEvent,
  limit: ReconnectLimit,
): ConnectionState => {
  switch (event.type) {
    case "dial":
      return state.kind === "idle" || state.kind === "closed" ? { kind: "connecting" } : state;
    case "opened":
      if (state.kind === "connecting") return { kind: "online", since: event.at, attempt: 0 };
      if (state.kind === "reconnecting") {
        return { kind: "online", since: event.at, attempt: state.attempt };
      }
      return state;
    case "failed":
      if (state.kind === "connecting") return { kind: "closed", cause: event.cause };
      if (state.kind === "reconnecting") return retryOrClose(state.attempt + 1, event.cause, limit);
      return state;
    case "lost": {
      if (state.kind !== "online") return state;
      const wasStable = event.at - state.since >= STABLE_LINK_MS;
      return retryOrClose(wasStable ? 1 : state.attempt + 1, event.cause, limit);
    }
    case "close":
      return state.kind === "closed" && state.cause === undefined ? state : { kind: "closed" };
  }
};
