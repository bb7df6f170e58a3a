import type { PayloadHandler, TopicManager } from "gf-mqtt-client";

import { LinkEnd } from "./network/probe-link.ts";
import type { ProbeLink } from "./network/probe-link.ts";
import { isRefused } from "./refusal.ts";

/** What became of a message that was sent on a topic of ours, to itself. */
export interface Loop {
  readonly filter: string;
  readonly topic: string;
  /** The broker's code for the filter: the granted QoS, or from 128 on why not. */
  readonly granted: number;
  /** The broker's code for the message; undefined where it tells none. */
  readonly published: number | undefined;
  readonly arrived: boolean;
  /** The broker closed the connection over it. */
  readonly isLinkLost: boolean;
}

/** A request as a device gets it, and a response as a requester gets it. */
export interface Loops {
  readonly request: Loop;
  readonly response: Loop;
  /** Where that did not arrive: one to a mailbox that is named after the client. */
  readonly named: Loop | undefined;
}

interface LoopPlan {
  readonly filter: string;
  readonly topic: string;
  readonly payload: string;
  readonly graceMs: number;
}

const runLoop = async (link: ProbeLink, plan: LoopPlan): Promise<Loop> => {
  const { filter, topic, payload, graceMs } = plan;
  const granted = await link.subscribe(filter);
  const loop = { filter, topic, granted, published: undefined, arrived: false, isLinkLost: false };
  const arriving = link.arrival((each) => each.topic === topic, graceMs);
  try {
    const published = await link.publish({ topic, payload, qos: 1, expiresInS: 5 });
    const isOpen = !isRefused(granted) && !isRefused(published);
    return { ...loop, published, arrived: isOpen && (await arriving) !== undefined };
  } catch (error) {
    if (!(error instanceof LinkEnd)) throw error;
    return { ...loop, isLinkLost: true };
  }
};

/** What the messages of a probe are made of, and for how long one is waited for. */
export interface LoopTerms {
  readonly topics: TopicManager;
  readonly payloads: PayloadHandler;
  readonly mailbox: string;
  readonly subsystem: string;
  readonly graceMs: number;
  /** A link; another one where the last was lost. */
  readonly link: () => Promise<ProbeLink>;
}

const PATH = "doctor";

/** Sends a request and a response to itself, as requester and device at once. Their filters stay subscribed. */
export const tryLoops = async (terms: LoopTerms): Promise<Loops> => {
  const { topics, payloads, mailbox, subsystem, graceMs } = terms;
  const link = await terms.link();
  const source = link.clientId;
  const topic = topics.buildRequestTopic(source, subsystem, mailbox);
  const requestId = crypto.randomUUID();
  const request = await runLoop(link, {
    filter: topics.buildRequestFilter(source),
    topic,
    payload: JSON.stringify(payloads.createRequestPayload("GET", PATH, requestId, { source })),
    graceMs,
  });
  const payload = JSON.stringify(
    payloads.createResponsePayload(205, PATH, requestId, null, { source }),
  );
  const respond = async (last: string): Promise<Loop> =>
    runLoop(await terms.link(), {
      filter: topics.buildResponseFilter(last),
      topic: topics.buildResponseTopic(topics.buildRequestTopic(source, subsystem, last)),
      payload,
      graceMs,
    });
  const response = await respond(mailbox);
  return { request, response, named: response.arrived ? undefined : await respond(source) };
};
