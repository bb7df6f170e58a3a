import type {
  DeviceAddress,
  ResponseRoutingMode,
  Route,
} from "../../src/exchange/response-routing.ts";
import { ResponseRouting } from "../../src/exchange/response-routing.ts";
import { TopicManager } from "../../src/protocol/topic.ts";

/** The last segment of the topics of the mailbox. */
export const MAILBOX = "mailbox-1";

/** The device that most rules are tried on. */
export const DEVICE: DeviceAddress = { subsystem: "axuv", target: "2D_XX_0_9999" };

/** The topics of a device that end in the mailbox, or in an id. */
export const requestTopicOf = ({ subsystem, target }: DeviceAddress, last: string): string =>
  `gf_int_v1/${subsystem}/request/${target}/${last}`;
export const responseTopicOf = ({ subsystem, target }: DeviceAddress, last: string): string =>
  `gf_int_v1/${subsystem}/response/${target}/${last}`;

/** What may be otherwise than usual. */
export interface RuleOptions {
  /** Default `auto`. */
  readonly mode?: ResponseRoutingMode;
  readonly capacity?: number;
  /** Whether the broker grants the mailbox on the first link; default true. */
  readonly isMailboxGranted?: boolean;
}

/** The rules on their first link. */
export const routingOnLink = (options: RuleOptions = {}): ResponseRouting => {
  const { mode = "auto", capacity, isMailboxGranted = true } = options;
  const topics = new TopicManager();
  const room = capacity === undefined ? {} : { capacity };
  const routing = new ResponseRouting({ mode, mailbox: MAILBOX, topics, ...room });
  routing.startLink(isMailboxGranted);
  return routing;
};

/** Where a device takes the last segment of its response topic from. */
export type Way = "topic" | "header";

/** Plays one request that is answered, and gives the route that it took. */
export const answered = (
  routing: ResponseRouting,
  way: Way,
  { address = DEVICE, requestId = "id-1" }: { address?: DeviceAddress; requestId?: string } = {},
): Route => {
  const route = routing.plan(address, requestId);
  routing.learn(address, route, responseTopicOf(address, way === "topic" ? MAILBOX : requestId));
  return route;
};

/** Whether a request to the device gets a subscription of its own. */
export const getsExtraTopic = (
  routing: ResponseRouting,
  address: DeviceAddress = DEVICE,
): boolean => routing.plan(address, "id-2").extraTopic !== undefined;
