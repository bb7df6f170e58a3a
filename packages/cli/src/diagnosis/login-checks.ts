import { messageOf } from "../failures/message-of.ts";
import { assertSpeech } from "./address-checks.ts";
import type { Check } from "./check.ts";
import { failed, NotTold, ok } from "./finding.ts";
import type { Verdict } from "./finding.ts";
import type { Login } from "./login.ts";
import { LinkEnd } from "./network/probe-link.ts";
import type { Probe } from "./probe.ts";
import type { Subject } from "./subject.ts";

/** Why a broker refuses a client (MQTT 5 §3.2.2.2, MQTT 3.1.1 §3.2.2.3), and what to do. */
const REFUSALS: Readonly<Record<number, readonly [text: string, advice: string]>> = {
  1: ["it speaks another version of MQTT", "leave out --mqtt, or give the other one"],
  2: ["it does not take this client id", "give one that it takes as --identifier"],
  3: ["it is not available", "see its log"],
  4: ["bad user name or password", "check --username and --password"],
  5: ["not authorized", "give --username and --password, or allow this client at the broker"],
  0x84: ["it speaks another version of MQTT", "leave out --mqtt, or give the other one"],
  0x85: ["it does not take this client id", "give one that it takes as --identifier"],
  0x86: ["bad user name or password", "check --username and --password"],
  0x87: ["not authorized", "give --username and --password, or allow this client at the broker"],
  0x88: ["it is not available", "see its log"],
  0x89: ["it is busy", "try again later, or raise how many clients it takes"],
  0x8a: ["this client is banned", "lift the ban at the broker"],
  0x8c: [
    "it wants another way to log in",
    "see its manual: the library has user name and password",
  ],
  0x95: ["the packet was too large", "raise the broker's maximum packet size"],
  0x97: ["a quota is exceeded", "raise how many clients the broker takes"],
  0x9c: ["another server is to be used", "give that one as --broker"],
  0x9d: ["the server has moved", "give the new one as --broker"],
  0x9f: ["too many connections in a short time", "try again later"],
};

/** Why there was no login, in words. */
export const refusalVerdict = (error: unknown, { username, tls }: Subject): Verdict => {
  const reasonCode = error instanceof LinkEnd ? error.reasonCode : undefined;
  const known = reasonCode === undefined ? undefined : REFUSALS[reasonCode];
  if (known !== undefined) {
    const [text, advice] = known;
    const isAnonymous = username === undefined && (reasonCode === 4 || reasonCode === 0x86);
    const who = username === undefined ? "without a user name" : `as ${username}`;
    return failed(
      `the broker refuses the login ${who}: ${text} (${String(reasonCode)})`,
      isAnonymous ? "give --username and --password" : advice,
      { reasonCode },
    );
  }
  const text = messageOf(error);
  if (reasonCode !== undefined) {
    return failed(`the broker refuses the login: ${text}`, "see its log", { reasonCode });
  }
  if (/alert/i.test(text) && tls.cert === undefined) {
    return failed("the broker asks for a client certificate", "give --cert and --key");
  }
  return failed(`no login: ${text}`, "see the lines above, and the broker's log");
};

const credentials = async (probe: Probe): Promise<Verdict> => {
  await assertSpeech(probe);
  const { username } = probe.subject;
  try {
    await probe.login();
    return username === undefined
      ? ok("the broker lets in who gives no user name")
      : ok(`the broker lets ${username} in`);
  } catch (error) {
    return refusalVerdict(error, probe.subject);
  }
};

/** Which version of MQTT is spoken. */
const versionVerdict = (
  {
    link,
    refusedLevel,
  }: { readonly link: { readonly level: 4 | 5 } } & Pick<Login, "refusedLevel">,
  asked: Subject["level"],
): Verdict => {
  if (link.level === 5) return ok("MQTT 5", { version: "5" });
  const data = { version: "3.1.1" };
  if (asked === 4) return ok("MQTT 3.1.1, as asked for", data);
  const why = refusedLevel?.reasonCode === undefined ? "hangs up on" : "refuses";
  return ok(`MQTT 3.1.1: the broker ${why} MQTT 5, so it cannot tell when nobody listens`, data);
};

const version = async (probe: Probe): Promise<Verdict> => {
  await probe.link();
  return versionVerdict(await probe.login(), probe.subject.level);
};

/** A client with the same identifier that is thrown off comes back within this time, and throws off the other. */
const TWIN_MS = 2_500;

const TWIN_ADVICE = "give each client an identifier of its own: each throws the other off";

const identifier = async (probe: Probe): Promise<Verdict> => {
  const given = probe.subject.identifier;
  const link = await probe.link();
  if (given === undefined) throw new NotTold("--identifier was not given: this one is made anew");
  const { hasTwin } = await probe.identity();
  if (hasTwin) {
    return failed(`${given} is there already: its presence says ONLINE`, TWIN_ADVICE);
  }
  const end = await link.endWithin(TWIN_MS);
  if (end === undefined) return ok(`nobody else is there as ${given}`);
  await probe.connectAsAnother();
  const code = end.reasonCode === undefined ? "" : ` (${String(end.reasonCode)})`;
  return failed(
    `the broker ended the connection of ${given} at once${code}: somebody else connects as ${given}`,
    `${TWIN_ADVICE}; the checks below go on under another one`,
  );
};

export const LOGIN_CHECKS: readonly Check[] = [
  { id: "login.credentials", group: "Login", title: "credentials", run: credentials },
  { id: "login.version", group: "Login", title: "version", run: version },
  { id: "login.identifier", group: "Login", title: "identifier", run: identifier },
];
