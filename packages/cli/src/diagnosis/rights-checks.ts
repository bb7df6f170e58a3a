import type { Check } from "./check.ts";
import { failed, NotTold, ok, unknown } from "./finding.ts";
import type { Verdict } from "./finding.ts";
import type { Loop, Loops } from "./loop.ts";
import type { Probe } from "./probe.ts";
import { isRefused } from "./refusal.ts";

/** Who needs a right, and for which topics. */
interface Right {
  readonly needs: string;
  readonly filter: string;
}

const allow = (what: string, { needs, filter }: Right): string =>
  `let the broker's access rules allow to ${what} ${filter} (${needs} needs that)`;

/** Whether messages may be sent on a topic, as far as one that was sent tells. */
const sendVerdict = (loop: Loop, right: Right): Verdict => {
  const { topic, published, arrived, isLinkLost } = loop;
  const advice = allow("write", right);
  if (isLinkLost) return failed(`the broker ended the connection over ${topic}`, advice);
  if (isRefused(published)) {
    const reasonCode = published ?? 0;
    return failed(`the broker refuses ${topic} (${String(reasonCode)})`, advice, { reasonCode });
  }
  if (arrived) return ok("one was sent, and arrived", { topic });
  return published === undefined
    ? unknown("MQTT 3.1.1 does not tell whether the broker took one")
    : ok("one was sent, and the broker took it", { topic });
};

/** Whether messages may be received, as far as one that was sent tells. */
const receiveVerdict = (loop: Loop, right: Right): Verdict => {
  const { filter, granted, published, arrived, isLinkLost } = loop;
  const advice = allow("read", right);
  if (isRefused(granted)) {
    const data = { reasonCode: granted };
    return failed(`the broker refuses ${filter} (${String(granted)})`, advice, data);
  }
  if (arrived) return ok("the broker agreed, and one came", { filter });
  if (isLinkLost || isRefused(published)) {
    return unknown("the broker agreed; none could be sent to try it");
  }
  return failed(
    `the broker grants ${filter}, takes a message for it, and delivers nothing`,
    published === undefined
      ? `${allow("read", right)}, and to write there: it drops without a word what they forbid`
      : `${advice}: it drops without a word what they forbid`,
  );
};

/** Whether responses come back, and to which mailbox. */
const mailboxVerdict = ({ response, named }: Loops, responses: string): Verdict => {
  if (named?.arrived === true) {
    return failed(
      "responses arrive only at a mailbox that is named after the client",
      'give clients mailbox: "identifier", or let the access rules allow to read ' +
        `${responses}/+/+ (a requester needs that)`,
      { filter: named.filter },
    );
  }
  return receiveVerdict(response, { needs: "a requester", filter: `${responses}/+/+` });
};

type ReadLoop = (loops: Loops, probe: Probe) => Verdict;

const check = (id: string, title: string, read: ReadLoop): Check => ({
  id: `rights.${id}`,
  group: "Rights",
  title,
  run: async (probe) => {
    const { properties } = await probe.link();
    if (properties.wildcardSubscriptionAvailable === false) {
      throw new NotTold("the broker allows no wildcards");
    }
    return read(await probe.loops(), probe);
  },
});

const requests = ({ namespace }: Probe["subject"]): string => `${namespace}/+/request`;
const responses = ({ namespace }: Probe["subject"]): string => `${namespace}/+/response`;

export const RIGHTS_CHECKS: readonly Check[] = [
  check("send-requests", "send requests", ({ request }, { subject }) =>
    sendVerdict(request, { needs: "a requester", filter: `${requests(subject)}/TARGET/+` }),
  ),
  check("receive-responses", "receive responses", (loops, { subject }) =>
    mailboxVerdict(loops, responses(subject)),
  ),
  check("receive-requests", "receive requests", ({ request }) =>
    receiveVerdict(request, { needs: "a device", filter: request.filter }),
  ),
  check("send-responses", "send responses", ({ response }, { subject }) =>
    sendVerdict(response, { needs: "a device", filter: `${responses(subject)}/IDENTIFIER/+` }),
  ),
];
