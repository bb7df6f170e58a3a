import type { Limits } from "../runtime/wait.ts";
import type { QoS, Subscription } from "../transport/transport.ts";

/** A request as far as routing is concerned. */
export interface RoutedRequest {
  readonly subsystem: string;
  readonly target: string;
  readonly requestId: string;
}

/** A request about to be routed. */
export interface OutgoingRequest extends RoutedRequest {
  readonly qos: QoS;
}

/** Where one request goes and where its response is expected. */
export interface Route {
  /** Topic to publish the request on. */
  readonly requestTopic: string;
  /** Topic on which a device that answers on the request's topic will answer. */
  readonly responseTopic: string;
  /** Makes sure that the response will reach this client; to be awaited before the request is published. */
  open(limits: Limits): Promise<void>;
  /** Lets go of what `open` took. Safe when `open` failed or was never called. */
  close(): void;
}

/** Decides how responses find their way back to this client. */
export interface ResponseRouting {
  route(request: OutgoingRequest): Route;
}

/** What routing needs of the connection. */
export interface RoutingPort {
  subscribe(subscription: Subscription, limits: Limits): Promise<void>;
  release(filter: string): void;
}
