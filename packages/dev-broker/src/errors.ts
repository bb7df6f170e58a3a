/*
 * DevBrokerError             the base; never made itself
 * ├─ InvalidOptionError      INVALID_OPTION      rejects startDevBroker()
 * ├─ ListenError             LISTEN_FAILED       rejects startDevBroker()
 * ├─ HookError               HOOK_FAILED         reported to onError
 * └─ ConnectionError         CONNECTION_FAILED   reported to onError
 */

/** What every error of this package is; `code` is stable, the message is for people. */
export abstract class DevBrokerError extends Error {
  static {
    this.prototype.name = "DevBrokerError";
  }
  /** Names the kind of failure; does not change between versions. */
  abstract readonly code: string;
}

/** An option of {@link startDevBroker} has a value that it cannot have. */
export class InvalidOptionError extends DevBrokerError {
  static {
    this.prototype.name = "InvalidOptionError";
  }
  readonly code = "INVALID_OPTION";
  /** Name of the option. */
  readonly option: string;
  /** The value that was given. */
  readonly value: unknown;

  constructor(option: string, value: unknown, expected: string) {
    super(`option "${option}" must be ${expected}, but is ${describeValue(value)}`);
    this.option = option;
    this.value = value;
  }
}

/** What a listener speaks. */
export type ListenerKind = "TCP" | "WebSocket";

/** Where a listener is to be bound. */
export interface ListenAddress {
  readonly kind: ListenerKind;
  readonly host: string;
  /** 0 asks the system for a free port. */
  readonly port: number;
}

/** A listener could not be bound, most often because its port is in use. Nothing stays open. */
export class ListenError extends DevBrokerError {
  static {
    this.prototype.name = "ListenError";
  }
  readonly code = "LISTEN_FAILED";
  /** Which of the two listeners failed. */
  readonly kind: ListenerKind;
  readonly host: string;
  readonly port: number;

  constructor(address: ListenAddress, cause: unknown) {
    const { kind, host, port } = address;
    super(
      `cannot listen for MQTT over ${kind} on ${host}, port ${port}: ${adviceFor(kind, cause)}`,
      {
        cause,
      },
    );
    this.kind = kind;
    this.host = host;
    this.port = port;
  }
}

/** A hook threw, rejected, or answered with something else than a boolean; it counts as a refusal. */
export class HookError extends DevBrokerError {
  static {
    this.prototype.name = "HookError";
  }
  readonly code = "HOOK_FAILED";
  /** Name of the option that holds the hook. */
  readonly hook: string;
  /** The client that was refused. */
  readonly clientId: string;

  constructor(hook: string, clientId: string, cause: unknown) {
    super(`${hook} failed, so client "${clientId}" is refused: ${messageOf(cause)}`, { cause });
    this.hook = hook;
    this.clientId = clientId;
  }
}

/** A connection ended in a fault: a malformed packet, a breach of the protocol, a broken socket. */
export class ConnectionError extends DevBrokerError {
  static {
    this.prototype.name = "ConnectionError";
  }
  readonly code = "CONNECTION_FAILED";
  /** The client, or `undefined` if the fault came before its CONNECT was accepted. */
  readonly clientId: string | undefined;

  constructor(clientId: string | undefined, cause: unknown) {
    const who = clientId === undefined ? "a socket without a client" : `client "${clientId}"`;
    super(`the connection of ${who} failed: ${messageOf(cause)}`, { cause });
    this.clientId = clientId;
  }
}

/** The message of whatever was thrown. */
function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

function describeValue(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return `[${value.map(describeValue).join(", ")}]`;
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

function adviceFor(kind: ListenerKind, cause: unknown): string {
  const option = kind === "TCP" ? "port" : "wsPort";
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  switch (code) {
    case "EADDRINUSE":
      return `the port is in use; stop the program that holds it, or set "${option}" to another port, or to 0 for a free one`;
    case "EACCES":
      return `not permitted; ports below 1024 need privileges: set "${option}" to a higher port`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `this machine has no such address; set "host" to one of its own`;
    default:
      return messageOf(cause);
  }
}
