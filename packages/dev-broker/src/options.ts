import { InvalidOptionError } from "./errors.ts";

/** MQTT by its protocol level: 4 is MQTT 3.1.1, 5 is MQTT 5 (MQTT 5 §3.1.2.2). */
export type MqttVersion = 4 | 5;

/** What a client shows when it connects (MQTT 5 §3.1.3). */
export interface Credentials {
  /** As sent by the client, or as given to it by the broker if it sent none. */
  readonly clientId: string;
  readonly username: string | undefined;
  /** Read as UTF-8. */
  readonly password: string | undefined;
}

/** How to start a broker. All are optional; the defaults give an open broker on free local ports. */
export interface DevBrokerOptions {
  /**
   * TCP port.
   * @default 0
   */
  readonly port?: number;
  /**
   * WebSocket port. `false`: no WebSocket.
   * @default 0
   */
  readonly wsPort?: number | false;
  /**
   * Address to listen on; the default is one that only this machine reaches.
   * @default "127.0.0.1"
   */
  readonly host?: string;
  /**
   * Decides about a CONNECT.
   *
   * Only `true` accepts. A client with a user name is refused with "bad user name or password"
   * (4, or 134 under MQTT 5), one without with "not authorized" (5, or 135). A hook that throws or
   * rejects refuses with "not authorized", and `onError` is told.
   * @default everybody may
   */
  readonly authenticate?: (credentials: Credentials) => boolean | Promise<boolean>;
  /**
   * Decides about each PUBLISH and each will; default: everything but `$SYS/…`, which is the
   * broker's own in any case.
   *
   * What is refused reaches nobody. MQTT 5 tells the client with the reason code 135; MQTT 3.1.1
   * has none, so the connection is closed (MQTT 3.1.1 §3.3.5). A hook that throws refuses.
   * @default everything but `$SYS/…`
   */
  readonly authorizePublish?: (clientId: string, topic: string) => boolean;
  /**
   * Decides about each topic filter of a SUBSCRIBE.
   *
   * A refused filter gets a failing code in the SUBACK: 128, or 135 ("not authorized") under
   * MQTT 5. The other filters of the packet stand. A hook that throws refuses.
   * @default every filter
   */
  readonly authorizeSubscribe?: (clientId: string, filter: string) => boolean;
  /**
   * The versions that are spoken.
   *
   * A CONNECT of another one is answered with "unacceptable protocol version" in its own form:
   * return code 1 under MQTT 3.1 and 3.1.1, reason code 132 under MQTT 5.
   * @default [4, 5]
   */
  readonly protocolVersions?: readonly MqttVersion[];
  /**
   * Told what went wrong where no caller sees it: a `HookError`, a `ConnectionError`, a fault of
   * the broker. Refusals are no errors. Must not throw; if it does, that is lost.
   * @default nobody is told
   */
  readonly onError?: (error: Error) => void;
}

/** The options with every default in place; a hook that is absent allows everything. */
export interface CheckedOptions extends Pick<
  DevBrokerOptions,
  "authenticate" | "authorizePublish" | "authorizeSubscribe"
> {
  readonly port: number;
  readonly wsPort: number | false;
  readonly host: string;
  readonly protocolVersions: ReadonlySet<number>;
  readonly onError: (error: Error) => void;
}

const MAX_PORT = 65_535;
const HOOKS = ["authenticate", "authorizePublish", "authorizeSubscribe", "onError"] as const;

/**
 * Checks the options and fills in the defaults.
 *
 * @throws {InvalidOptionError} the first option with a value that it cannot have.
 */
export function checkOptions(options: DevBrokerOptions): CheckedOptions {
  const { port = 0, wsPort = 0, host = "127.0.0.1", protocolVersions = [4, 5] } = options;
  checkPort("port", port);
  if (wsPort !== false) checkPort("wsPort", wsPort);
  if (wsPort === port && port !== 0) {
    throw new InvalidOptionError("wsPort", wsPort, `another port than "port"`);
  }
  if (typeof host !== "string" || host === "") {
    throw new InvalidOptionError("host", host, "a host name or an IP address");
  }
  checkVersions(protocolVersions);
  for (const hook of HOOKS) checkHook(hook, options[hook]);
  return {
    ...options,
    port,
    wsPort,
    host,
    protocolVersions: new Set(protocolVersions),
    onError: harmless(options.onError),
  };
}

function checkPort(option: string, value: unknown): void {
  const valid = Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MAX_PORT;
  if (typeof value !== "number" || !valid) {
    throw new InvalidOptionError(option, value, `a whole number from 0 to ${MAX_PORT}`);
  }
}

function checkVersions(value: unknown): void {
  const valid = Array.isArray(value) && value.length > 0 && value.every((v) => v === 4 || v === 5);
  if (!valid) {
    throw new InvalidOptionError("protocolVersions", value, "an array with 4, 5 or both");
  }
}

function checkHook(option: string, value: unknown): void {
  if (value !== undefined && typeof value !== "function") {
    throw new InvalidOptionError(option, value, "a function");
  }
}

function harmless(onError: DevBrokerOptions["onError"]): CheckedOptions["onError"] {
  return (error) => {
    try {
      onError?.(error);
    } catch {
      // It is called from event listeners, where an exception would end the process.
    }
  };
}
