import { ConnectionFailedError } from "../errors/connection-failed-error.ts";
import { explanationIn } from "./packet-properties.ts";
import type { Properties } from "./packet-properties.ts";
import type { Diagnosis, FailedDial } from "./tls-diagnosis.ts";
import { tlsDiagnosis } from "./tls-diagnosis.ts";
import type { DialRequest } from "./transport.ts";

/** What is known of a dial that failed. */
export interface DialEvidence {
  readonly cause?: unknown;
  /** The broker's reason in CONNACK, if it gave one. */
  readonly reasonCode?: number | undefined;
  /** What it said beside that. */
  readonly properties?: Properties | undefined;
  /** The beginning of what came before CONNACK. */
  readonly firstBytes?: Uint8Array | undefined;
  /** Whether the connection was open, and encrypted where it is to be; unknown for WebSockets. */
  readonly wasConnected?: boolean;
}

type Target = Pick<DialRequest, "broker" | "clientId"> & Partial<Pick<DialRequest, "url" | "tls">>;

const REACHABLE = "check that the broker is running, its host name and port, and the firewall";
const LONGEST_LINE = 60;

const textField = (value: object, name: string): string => {
  const field: unknown = Reflect.get(value, name);
  return typeof field === "string" ? field : "";
};

/** The first line of what answered; empty where it is no text. */
const firstLine = (bytes: Uint8Array): string => {
  const [line = ""] = new TextDecoder("latin1").decode(bytes).split(/[\r\n]/, 1);
  return /^[\x20-\x7e]{4,}$/.test(line) ? line.slice(0, LONGEST_LINE) : "";
};

/** A TLS record that holds an alert or a handshake (RFC 8446 §5.1). */
const isTls = ([type, major, minor]: Uint8Array): boolean =>
  (type === 0x15 || type === 0x16) && major === 3 && minor !== undefined && minor <= 4;

const isSecure = ({ scheme }: FailedDial): boolean => scheme === "mqtts" || scheme === "wss";
const isWebSocket = ({ scheme }: FailedDial): boolean => scheme === "ws" || scheme === "wss";

const socketDiagnosis = ({ code, host, text }: FailedDial): Diagnosis | undefined => {
  switch (code) {
    case "ECONNREFUSED":
      return { reason: `nothing listens there (${text})`, advice: REACHABLE };
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return {
        reason: `the host name "${host}" is not known here (${code})`,
        advice: "check the host name, and the network if it is right",
      };
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "ETIMEDOUT":
      return {
        reason: `the host cannot be reached (${text})`,
        advice: "check its name or address, the network, and the firewall",
      };
    default:
      return undefined;
  }
};

/** What the bytes tell that came instead of MQTT. */
const answerDiagnosis = (dial: FailedDial): Diagnosis | undefined => {
  const secure = isWebSocket(dial) ? "wss" : "mqtts";
  if (isTls(dial.firstBytes)) {
    return {
      reason: "what answers there speaks TLS",
      advice: `use ${secure}:// for that port, or the broker's port without TLS`,
    };
  }
  const line = firstLine(dial.firstBytes);
  if (line === "") return undefined;
  const [ws, port] = isSecure(dial) ? ["wss", "8883"] : ["ws", "1883"];
  return line.startsWith("HTTP/")
    ? {
        reason: `a web server answered, or a broker's port for WebSocket ("${line}")`,
        advice: `use ${ws}:// for that port, or the broker's port for MQTT (usually ${port})`,
      }
    : {
        reason: `something else than an MQTT broker answered ("${line}")`,
        advice: "check the host name and port",
      };
};

const webSocketDiagnosis = (dial: FailedDial): Diagnosis | undefined => {
  const { scheme, code, text } = dial;
  const [, status] = /^Unexpected server response: (\d+)/.exec(text) ?? [];
  if (status !== undefined) {
    return {
      reason: `a web server answered with status ${status}, and opened no WebSocket`,
      advice: "check the port, and the path in the URL: many brokers have /mqtt",
    };
  }
  if (code !== "ECONNRESET" && code !== "EPIPE" && !code.startsWith("HPE_")) return undefined;
  return {
    reason: `the connection was closed before the WebSocket was open (${text})`,
    advice:
      scheme === "ws"
        ? "if the port is one for MQTT, use mqtt://; if it is one with TLS, use wss://"
        : "if the port is one for MQTT, use mqtts://; if the broker asks for a client certificate, " +
          "check tls.cert and tls.key",
  };
};

/** The connection was open, and then closed without a word. */
const silentEnd = (dial: FailedDial): Diagnosis => {
  const reason = "the broker closed the connection before it answered";
  if (isWebSocket(dial)) return { reason, advice: "check the broker's log" };
  if (!isSecure(dial)) {
    return {
      reason,
      advice:
        "if the port is one with TLS, use mqtts://; if it is one for WebSocket, use ws://; " +
        "otherwise check the broker's log",
    };
  }
  return {
    reason,
    advice:
      dial.tls.cert === undefined
        ? "it may ask for a client certificate (tls.cert and tls.key); check its log"
        : "it may have refused the client certificate (tls.cert); check its log",
  };
};

const diagnose = (dial: FailedDial): Diagnosis | undefined => {
  const told = answerDiagnosis(dial) ?? (isSecure(dial) ? tlsDiagnosis(dial) : undefined);
  if (told !== undefined) return told;
  if (isWebSocket(dial)) return webSocketDiagnosis(dial) ?? socketDiagnosis(dial);
  const isReset = dial.code === "ECONNRESET" || dial.code === "EPIPE";
  return dial.wasConnected && isReset ? silentEnd(dial) : socketDiagnosis(dial);
};

/** One dial that failed, and what is known of it. */
export class DialFault extends Error {
  readonly evidence: DialEvidence;

  constructor(evidence: DialEvidence) {
    super("the dial failed", { cause: evidence.cause });
    this.evidence = evidence;
  }
}

/** The broker took the connection and closed it again without a word. */
export class SilentEnd extends Error {
  constructor() {
    super("the broker closed the connection before it answered");
  }
}

const failedDial = ({ url, tls = {} }: Target, evidence: DialEvidence): FailedDial | undefined => {
  const { cause, firstBytes = new Uint8Array(), wasConnected = false } = evidence;
  if (url === undefined || !(cause instanceof Error)) return undefined;
  const { protocol, hostname: host } = new URL(url);
  const raw: unknown = Reflect.get(cause, "rawPacket");
  return {
    scheme: protocol.slice(0, -1),
    host,
    tls,
    code: textField(cause, "code"),
    text: cause.message,
    // What a WebSocket could not read as HTTP.
    firstBytes: raw instanceof Uint8Array ? raw : firstBytes,
    cause,
    wasConnected,
  };
};

/** The error of a dial that failed: says what answered, where that can be told, and what to do next. */
export const dialFailure = (target: Target, evidence: DialEvidence): ConnectionFailedError => {
  const { broker, clientId } = target;
  const { cause, reasonCode, properties } = evidence;
  const explanation = properties && explanationIn(properties);
  const dial = reasonCode === undefined ? failedDial(target, evidence) : undefined;
  const diagnosis = dial && (cause instanceof SilentEnd ? silentEnd(dial) : diagnose(dial));
  return new ConnectionFailedError(broker, {
    cause,
    source: clientId,
    ...(reasonCode === undefined ? {} : { reasonCode }),
    ...(explanation === undefined ? {} : { explanation }),
    ...diagnosis,
  });
};

/** The error of a dial that came to nothing in time. */
export const timeoutFailure = (
  request: Target & Pick<DialRequest, "timeoutMs">,
  wasConnected: boolean,
): ConnectionFailedError => {
  const { broker, clientId, timeoutMs } = request;
  const within = `within ${String(timeoutMs)} ms`;
  return new ConnectionFailedError(broker, {
    source: clientId,
    cause: new Error(wasConnected ? `connected, but no answer ${within}` : `no answer ${within}`),
    advice: wasConnected
      ? "check that the port is the broker's for MQTT, and that the broker is not stuck"
      : REACHABLE,
  });
};
