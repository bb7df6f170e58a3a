import { isJsonObject } from "../json-object.ts";
import { PRESENCE } from "../requests/resource.ts";
import type { Probe } from "./probe.ts";
import type { Target } from "./subject.ts";

/** What came back from a device. */
export interface DeviceAnswer {
  readonly topic: string;
  readonly code: number;
  readonly elapsedMs: number;
}

/** A request to a device, and what became of it. */
export interface Asked {
  /** Where answers are expected: at the mailbox, and where firmware answers that takes the topic from the header. */
  readonly mailboxTopic: string;
  readonly headerTopic: string;
  /** The broker's code for the mailbox: from 128 on, answers cannot arrive there. */
  readonly granted: number;
  /** The broker's code for the request; undefined where it tells none. */
  readonly published: number | undefined;
  readonly answer: DeviceAnswer | undefined;
}

/** The code of a response to this request; undefined: it is none. */
export const codeOfAnswer = (payload: string, requestId: string): number | undefined => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(payload);
  } catch {
    return undefined;
  }
  const header = isJsonObject(parsed) ? parsed["header"] : undefined;
  if (!isJsonObject(header) || header["request_id"] !== requestId) return undefined;
  const code = Number(header["response_code"]);
  return Number.isInteger(code) ? code : undefined;
};

/** Asks a device; with wide ears, an answer is heard wherever in the namespace it is sent. */
export const askDevice = async (
  probe: Probe,
  target: Target,
  { hearsAll }: { readonly hearsAll: boolean },
): Promise<Asked> => {
  const { topics, payloads, mailbox, subject } = probe;
  const { identifier, subsystem = PRESENCE.subsystem, path = PRESENCE.path } = target;
  const link = await probe.link();
  const requestId = crypto.randomUUID();
  const topic = topics.buildRequestTopic(identifier, subsystem, mailbox);
  const ownTopic = topics.buildRequestTopic(identifier, subsystem, requestId);
  const headerTopic = topics.buildResponseTopic(ownTopic);
  const granted = await link.subscribe(topics.buildResponseFilter(mailbox));
  const further = hearsAll ? `${subject.namespace}/#` : headerTopic;
  await link.subscribe(further, 1);
  const startedAt = performance.now();
  const arriving = link.arrival(
    ({ payload }) => codeOfAnswer(payload, requestId) !== undefined,
    subject.timeoutMs,
  );
  const request = payloads.createRequestPayload("GET", path, requestId, {
    source: link.clientId,
  });
  const published = await link.publish({
    topic,
    payload: JSON.stringify(request),
    qos: subject.qos,
    expiresInS: 10,
  });
  const isTaken = published === undefined || published === 0;
  const arrived = isTaken ? await arriving : undefined;
  const elapsedMs = performance.now() - startedAt;
  await link.unsubscribe(further);
  const code = arrived && codeOfAnswer(arrived.payload, requestId);
  const answer =
    arrived === undefined || code === undefined
      ? undefined
      : { topic: arrived.topic, code, elapsedMs };
  const mailboxTopic = topics.buildResponseTopic(topic);
  return { mailboxTopic, headerTopic, granted, published, answer };
};
