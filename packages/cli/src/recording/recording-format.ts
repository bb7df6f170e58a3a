import { CliFailure } from "../failures/cli-failure.ts";
import type { JsonObject } from "../json-object.ts";
import { toThousandths } from "../thousandths.ts";

/** A message as a recording holds it. */
export interface RecordedMessage {
  /** When it passed, in epoch ms. */
  readonly at: number;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
}

/** The first line of a recording. */
export interface RecordingHeader {
  readonly format: typeof FORMAT;
  readonly version: number;
  readonly namespace: string;
}

const FORMAT = "gf-mqtt-recording";
const VERSION = 1;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** The first line of a new recording. */
export const headerLine = (namespace: string): string =>
  JSON.stringify({ format: FORMAT, version: VERSION, namespace } satisfies RecordingHeader);

const payloadField = (payload: Uint8Array): { text: string } | { base64: string } => {
  try {
    return { text: utf8.decode(payload) };
  } catch {
    return { base64: Buffer.from(payload).toString("base64") };
  }
};

/** A line for a message. Its payload is kept byte by byte: as a text where it is one. */
export const messageLine = ({ at, topic, payload, qos, retain }: RecordedMessage): string =>
  JSON.stringify({ at: toThousandths(at), topic, qos, retain, ...payloadField(payload) });

/** Where a line stands, for messages. */
export interface LinePlace {
  readonly file: string;
  readonly line: number;
}

const fault = ({ file, line }: LinePlace, what: string): CliFailure =>
  new CliFailure(`${file}, line ${String(line)}: ${what}`, {
    hint: "a recording is what `gf-mqtt record` writes, see docs/cli.md",
  });

const parseLine = (text: string, place: LinePlace): JsonObject => {
  try {
    const value: unknown = JSON.parse(text);
    // An object, or an array, which has none of the fields below.
    if (typeof value === "object" && value !== null) return value as JsonObject;
  } catch {
    // Told below.
  }
  throw fault(place, "no JSON object");
};

/**
 * Reads the first line.
 *
 * @throws {CliFailure} it is not that of a recording, or of one that a later version has made.
 */
export const parseHeader = (text: string, place: LinePlace): RecordingHeader => {
  const { format, version, namespace } = parseLine(text, place);
  if (format !== FORMAT || typeof version !== "number" || typeof namespace !== "string") {
    throw fault(place, "not the first line of a recording");
  }
  if (version > VERSION) {
    throw fault(place, `version ${String(version)}; this program reads ${String(VERSION)}`);
  }
  return { format, version, namespace };
};

const payloadOf = ({ text, base64 }: JsonObject, place: LinePlace): Uint8Array => {
  if (typeof text === "string") return encoder.encode(text);
  if (typeof base64 === "string") return Buffer.from(base64, "base64");
  throw fault(place, "neither text nor base64");
};

/**
 * Reads the line of a message.
 *
 * @throws {CliFailure} it is none.
 */
export const parseMessage = (text: string, place: LinePlace): RecordedMessage => {
  const written = parseLine(text, place);
  const { at, topic, qos = 0, retain = false } = written;
  if (typeof at !== "number") throw fault(place, "at is no time in ms");
  if (typeof topic !== "string" || topic === "") throw fault(place, "topic is no text");
  if (qos !== 0 && qos !== 1 && qos !== 2) throw fault(place, "qos is not 0, 1 or 2");
  return { at, topic, payload: payloadOf(written, place), qos, retain: retain === true };
};
