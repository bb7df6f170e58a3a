import { isIP } from "node:net";

import type { Check } from "./check.ts";
import { TooLate } from "./deadlines.ts";
import { failed, NotTold, ok } from "./finding.ts";
import type { Verdict } from "./finding.ts";
import { hearFirstWords } from "./network/first-words.ts";
import type { FirstWords } from "./network/first-words.ts";
import type { Probe } from "./probe.ts";
import { schemeOf } from "./subject.ts";
import type { Speech, Subject } from "./subject.ts";

const LONGEST_SPEECH_MS = 3_000;

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : String(error);

const name = async (probe: Probe): Promise<Verdict> => {
  const { host } = probe.subject;
  try {
    const addresses = await probe.addresses();
    const text = isIP(host) === 0 ? `is ${addresses.join(", ")}` : "is an address";
    return ok(`${host} ${text}`, { addresses });
  } catch (error) {
    const why = error instanceof TooLate ? error.message : codeOf(error);
    return failed(
      `the host name "${host}" is not known here (${why})`,
      "check its spelling, and the network's name server if it is right",
    );
  }
};

/** Why a port cannot be reached, in words. */
export const portVerdict = (port: number, code: string): Verdict => {
  if (code === "ECONNREFUSED") {
    return failed(
      `nothing listens on port ${String(port)}`,
      "start the broker, or check the port and on which addresses it listens",
    );
  }
  return failed(
    `port ${String(port)} cannot be reached (${code})`,
    "check the address, the network between, and the firewalls",
  );
};

const port = async (probe: Probe): Promise<Verdict> => {
  const { subject } = probe;
  try {
    await probe.addresses();
  } catch {
    throw new NotTold("no address");
  }
  try {
    const connectMs = await probe.connectMs();
    const text = `port ${String(subject.port)} answers in ${connectMs.toFixed(1)} ms`;
    return ok(text, { connectMs });
  } catch (error) {
    return portVerdict(subject.port, error instanceof TooLate ? error.message : codeOf(error));
  }
};

const NAMES: Readonly<Record<string, string>> = {
  mqtt: "MQTT without TLS",
  mqtts: "MQTT over TLS",
  ws: "WebSocket without TLS",
  wss: "WebSocket over TLS",
};

const speechName = (speech: Speech): string => NAMES[schemeOf(speech)] ?? "";

const isAsked = (words: FirstWords, { isWebSocket }: Speech): boolean =>
  words.kind === (isWebSocket ? "websocket" : "mqtt");

interface Way extends Speech {
  readonly path: string;
}

/** In which other ways a port may be spoken to. */
const otherWays = ({ isSecure, isWebSocket, path }: Subject): Way[] => {
  const ways = [
    { isSecure: false, isWebSocket: false, path },
    { isSecure: true, isWebSocket: false, path },
    ...["/", "/mqtt"].flatMap((each) => [
      { isSecure: false, isWebSocket: true, path: each },
      { isSecure: true, isWebSocket: true, path: each },
    ]),
  ];
  return ways.filter(
    (way) =>
      way.isSecure !== isSecure ||
      way.isWebSocket !== isWebSocket ||
      (isWebSocket && way.path !== path),
  );
};

/** What is said of a port that speaks nothing that is asked for. */
export const strangeVerdict = (words: FirstWords): Verdict => {
  switch (words.kind) {
    case "http":
      return failed(
        `a web server answers there ("${words.line}")`,
        "check the port; where it is the broker's, ask its manual for the path of its WebSocket",
      );
    case "other":
      return failed(
        `something else than a broker answers there ("${words.line}")`,
        "check the host name and port",
      );
    case "silent":
      return failed(
        "the port takes connections and says nothing",
        "check that the port is the broker's, and that the broker is not stuck: restart it",
      );
    default:
      return failed(
        "the connection is closed without a word",
        "check the port, and the broker's log: it says whom it closes out, and why",
      );
  }
};

/** What is said of a port that speaks otherwise than it is asked. */
const otherWayVerdict = (subject: Subject, way: Way): Verdict => {
  const { host, port: number } = subject;
  const place = `${host.includes(":") ? `[${host}]` : host}:${String(number)}`;
  const path = way.isWebSocket && way.path !== "/" ? way.path : "";
  const isPath = way.isWebSocket === subject.isWebSocket && way.isSecure === subject.isSecure;
  const url = `${schemeOf(way)}://${place}${path}`;
  return failed(
    isPath
      ? `a web server answers there, whose WebSocket is at ${way.path}`
      : `${speechName(way)} answers there, not ${speechName(subject)}`,
    `use ${url}, or the broker's port for ${speechName(subject)}`,
    { url },
  );
};

/** What a port has been heard to say, and the way in which it is to be spoken to, where that is another one. */
interface Heard {
  readonly words: FirstWords;
  readonly rightWay: Way | undefined;
}

const hear = (probe: Probe): Promise<Heard> =>
  probe.once("speech", async () => {
    const { subject } = probe;
    const longestMs = Math.min(LONGEST_SPEECH_MS, subject.timeoutMs / 2);
    const speak = (way: Way): Promise<FirstWords> =>
      hearFirstWords({ ...subject, ...way }, probe.within(longestMs));
    const words = await speak(subject);
    if (isAsked(words, subject)) return { words, rightWay: undefined };
    const ways = otherWays(subject);
    const heard = await Promise.allSettled(ways.map((way) => speak(way)));
    const rightWay = ways.find((way, at) => {
      const result = heard[at];
      return result?.status === "fulfilled" && isAsked(result.value, way);
    });
    return { words, rightWay };
  });

const protocol = async (probe: Probe): Promise<Verdict> => {
  await probe.reach();
  const { subject } = probe;
  const { words, rightWay } = await hear(probe);
  if (rightWay !== undefined) return otherWayVerdict(subject, rightWay);
  return isAsked(words, subject) ? ok(`${speechName(subject)} answers`) : strangeVerdict(words);
};

/** Goes on only where the port may speak what it is asked to. */
export const assertSpeech = async (probe: Probe): Promise<void> => {
  await probe.reach();
  const { rightWay } = await hear(probe);
  if (rightWay !== undefined) throw new NotTold("another protocol answers, see above");
};

export const ADDRESS_CHECKS: readonly Check[] = [
  { id: "address.name", group: "Address", title: "name", run: name },
  { id: "address.port", group: "Address", title: "port", run: port },
  { id: "address.protocol", group: "Address", title: "protocol", run: protocol },
];
