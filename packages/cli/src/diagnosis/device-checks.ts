import { codeWithName, isErrorCode } from "../terminal/code-text.ts";
import type { Check } from "./check.ts";
import { askDevice } from "./device-question.ts";
import type { Asked } from "./device-question.ts";
import { failed, NotTold, ok, unknown } from "./finding.ts";
import type { Verdict } from "./finding.ts";
import { freshIdentifier } from "./fresh-identifier.ts";
import { stateIn, statusTopicOf } from "./identity.ts";
import type { Probe } from "./probe.ts";
import { isRefused } from "./refusal.ts";
import { readRetained } from "./retained.ts";
import type { Target } from "./subject.ts";

const NO_SUBSCRIBERS = 0x10;

const targetOf = ({ subject: { target } }: Probe): Target => {
  if (target === undefined) throw new NotTold("--target was not given");
  return target;
};

/** What a device says of itself. */
export const presenceVerdict = (identifier: string, state: string | undefined): Verdict => {
  if (state === "ONLINE") return ok(`${identifier} says that it is there`);
  if (state === undefined) {
    return unknown(
      `${identifier} says nothing of itself: it announces no presence, or was never here`,
    );
  }
  return failed(
    `${identifier} says that it is away, or its connection was lost`,
    "start it, and see whether it reaches this broker",
  );
};

const presence = async (probe: Probe): Promise<Verdict> => {
  const { identifier } = targetOf(probe);
  const link = await probe.link();
  const topic = statusTopicOf(probe.subject.namespace, identifier);
  return presenceVerdict(identifier, stateIn(await readRetained(link, topic, probe.graceMs)));
};

const ask = (probe: Probe): Promise<Asked> =>
  probe.once("ask", () => askDevice(probe, targetOf(probe), { hearsAll: false }));

/** The broker's code for a message to nobody: does it tell? */
const codeForNobody = (probe: Probe): Promise<number | undefined> =>
  probe.once("nobody", async () => {
    const { topics, payloads, mailbox } = probe;
    const link = await probe.link();
    if (link.level === 4 || link.properties.maximumQoS === 0) return undefined;
    const topic = topics.buildRequestTopic(freshIdentifier(), "device", mailbox);
    const payload = JSON.stringify(payloads.createGeneralPayload("doctor"));
    return link.publish({ topic, payload, qos: 1, expiresInS: 1 });
  });

/** Whether anybody is subscribed to the requests for a device. */
export const subscribedVerdict = (
  identifier: string,
  { forNobody, published }: { forNobody: number | undefined; published: number | undefined },
): Verdict => {
  if (published === NO_SUBSCRIBERS) {
    return failed(
      `nobody is subscribed to the requests for ${identifier}`,
      "start the device, or check its identifier and namespace, and that it uses this broker",
    );
  }
  if (isRefused(published)) {
    return failed(
      `the broker refuses requests for ${identifier} (${String(published)})`,
      "let its access rules allow to write them",
    );
  }
  return forNobody === NO_SUBSCRIBERS && published === 0
    ? ok(`somebody is subscribed to the requests for ${identifier}`)
    : unknown("this broker does not tell whether anybody is subscribed");
};

const subscribed = async (probe: Probe): Promise<Verdict> => {
  const { identifier } = targetOf(probe);
  await probe.link();
  const forNobody = await codeForNobody(probe);
  const { published } = await ask(probe);
  return subscribedVerdict(identifier, { forNobody, published });
};

/** What is said of an answer, by the topic that it came on. */
const answerVerdict = ({ mailboxTopic, headerTopic, answer }: Asked): Verdict => {
  if (answer === undefined) throw new NotTold("no answer");
  const { topic, code, elapsedMs } = answer;
  const data = { code, elapsedMs, topic };
  const text = `answers with ${codeWithName(code)} in ${elapsedMs.toFixed(1)} ms`;
  if (topic !== mailboxTopic && topic !== headerTopic) {
    return failed(
      `it answers on ${topic}, where nobody listens`,
      `it must answer on the request's topic with "request" replaced: ${mailboxTopic}`,
      data,
    );
  }
  if (isErrorCode(code)) {
    const advice = "it is there: check subsystem and path, and what it says";
    return { ...ok(text, data), advice };
  }
  return topic === mailboxTopic
    ? ok(text, data)
    : ok(`${text}, on a topic for this request alone: each costs a subscription`, data);
};

/** What is said of a device that did not answer. */
const silenceVerdict = (asked: Asked, isHeard: boolean): Verdict => {
  if (isRefused(asked.granted)) {
    return failed(
      `its answer cannot come: the broker refuses the mailbox (${String(asked.granted)})`,
      "let the access rules allow to read the responses, see Rights",
    );
  }
  const writes = `whether it may write on ${asked.mailboxTopic}`;
  return isHeard
    ? failed(
        "it gets requests, and no answer comes",
        `see its log: its handler may have failed or be at work still; and check ${writes}`,
      )
    : failed(
        "no answer comes",
        `check that it is there under this identifier, serves this subsystem and path, and ${writes}`,
      );
};

const answers = async (probe: Probe): Promise<Verdict> => {
  const target = targetOf(probe);
  const first = await ask(probe);
  if (first.answer !== undefined) return answerVerdict(first);
  if (first.published !== undefined && first.published !== 0)
    throw new NotTold("see the line above");
  if (target.path === undefined) {
    throw new NotTold("it need not answer .well-known/core", "give SUBSYSTEM/PATH behind it");
  }
  const second = await askDevice(probe, target, { hearsAll: true });
  if (second.answer !== undefined) return answerVerdict(second);
  const isHeard = (await codeForNobody(probe)) === NO_SUBSCRIBERS && first.published === 0;
  return silenceVerdict(second, isHeard);
};

const isFor = ({ subject }: Probe): boolean => subject.target !== undefined;

export const DEVICE_CHECKS: readonly Check[] = [
  { id: "device.presence", group: "Device", title: "presence", isFor, run: presence },
  { id: "device.subscribed", group: "Device", title: "subscribed", isFor, run: subscribed },
  { id: "device.answers", group: "Device", title: "answers", isFor, run: answers },
];
