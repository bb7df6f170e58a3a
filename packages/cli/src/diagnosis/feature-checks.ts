import type { Check } from "./check.ts";
import { failed, NotTold, ok, unknown } from "./finding.ts";
import type { Verdict } from "./finding.ts";
import { freshIdentifier } from "./fresh-identifier.ts";
import { LinkEnd } from "./network/probe-link.ts";
import type { ProbeLink } from "./network/probe-link.ts";
import type { Probe } from "./probe.ts";
import { isRefused } from "./refusal.ts";
import { readRetained } from "./retained.ts";

/** What became of a message to a shared subscription. */
export interface ShareTry {
  readonly granted: number;
  readonly arrived: boolean;
}

/** Whether shared subscriptions work (MQTT 5 §4.8.2). */
const shareVerdict = ({ granted, arrived }: ShareTry): Verdict => {
  if (isRefused(granted)) {
    return unknown("the broker refuses them; nothing of the library needs them");
  }
  if (arrived) return ok("a message came through one");
  return failed(
    "the broker grants one, and delivers nothing through it",
    "subscribe to none here: what is sent through one is lost",
  );
};

/** Beside the topics of a device, where nobody looks. */
const scratchTopic = ({ subject }: Probe, { clientId }: ProbeLink, last: string): string =>
  `${subject.namespace}/device/system/${clientId}/${last}`;

/** Whether a message to this topic comes back, in the usual way: else nothing can be told of a special one. */
const assertOpen = async (probe: Probe, link: ProbeLink, topic: string): Promise<void> => {
  const payload = JSON.stringify(probe.payloads.createGeneralPayload("doctor"));
  const granted = await link.subscribe(topic, 0);
  const arriving = link.arrival((each) => each.topic === topic, probe.graceMs);
  const published = await link.publish({ topic, payload, qos: 1, expiresInS: 5 });
  const isClosed = isRefused(granted) || isRefused(published);
  const isOpen = !isClosed && (await arriving) !== undefined;
  await link.unsubscribe(topic);
  if (!isOpen) throw new NotTold(`the access rules let nothing arrive on ${topic} to try it`);
};

/** Subscribes to a shared subscription; undefined: the broker ends the connection over it. */
const subscribeShared = async (link: ProbeLink, filter: string): Promise<number | undefined> => {
  try {
    return await link.subscribe(filter, 0);
  } catch (error) {
    if (error instanceof LinkEnd) return undefined;
    throw error;
  }
};

const share = async (probe: Probe): Promise<Verdict> => {
  const link = await probe.link();
  if (link.properties.sharedSubscriptionAvailable === false) {
    throw new NotTold("the broker has none");
  }
  const topic = scratchTopic(probe, link, "share");
  await assertOpen(probe, link, topic);
  const filter = `$share/${freshIdentifier()}/${topic}`;
  const granted = await subscribeShared(link, filter);
  if (granted === undefined) {
    return failed("the broker ends the connection over one", "subscribe to none here");
  }
  if (isRefused(granted)) return shareVerdict({ granted, arrived: false });
  const payload = JSON.stringify(probe.payloads.createGeneralPayload("share"));
  const arriving = link.arrival((each) => each.topic === topic, probe.graceMs);
  await link.publish({ topic, payload, qos: 0, expiresInS: 5 });
  const arrived = (await arriving) !== undefined;
  await link.unsubscribe(filter);
  return shareVerdict({ granted, arrived });
};

const retained = async (probe: Probe): Promise<Verdict> => {
  const link = await probe.link();
  if (link.properties.retainAvailable === false) throw new NotTold("the broker keeps none");
  const topic = scratchTopic(probe, link, "retained");
  await assertOpen(probe, link, topic);
  const payload = JSON.stringify(probe.payloads.createGeneralPayload(crypto.randomUUID()));
  await link.publish({ topic, payload, qos: 1, isRetained: true, expiresInS: 60 });
  const kept = await readRetained(link, topic, probe.graceMs);
  await link.publish({ topic, payload: "", qos: 1, isRetained: true });
  return kept === payload
    ? ok("kept, and delivered to who subscribes later")
    : failed(
        "a message that is to be kept is not delivered to who subscribes later",
        "let the broker keep messages (Mosquitto: retain_available true); else presence is asked for",
      );
};

export const FEATURE_CHECKS: readonly Check[] = [
  { id: "features.share", group: "Features", title: "$share", run: share },
  { id: "features.retained", group: "Features", title: "retained", run: retained },
];
