import type { ConnectionOptions } from "../../src/connection/connection.ts";
import { Connection } from "../../src/connection/connection.ts";
import type { Credentials } from "../../src/connection/dial.ts";
import type { ConnectionState } from "../../src/connection/state.ts";
import type { Deadline } from "../../src/runtime/deadline.ts";
import type { OutgoingMessage, QoS } from "../../src/transport/transport.ts";
import { ManualClock } from "../runtime/manual-clock.ts";
import type { LogEntry } from "../runtime/recording-logger.ts";
import { recordingLogger } from "../runtime/recording-logger.ts";
import type { Reaction } from "./scripted-transport.ts";
import { ScriptedTransport } from "./scripted-transport.ts";

export const BROKER = "mqtt://broker.example.com:1883";

/** What a scene may have otherwise than usual. */
export interface SceneOptions extends Partial<
  Pick<ConnectionOptions, "toleratesRefusal" | "dialTimeoutMs" | "random">
> {
  /** What to do with each dial; default: accept it. */
  readonly dials?: readonly Reaction[];
  readonly reconnect?: Partial<ConnectionOptions["reconnect"]>;
  readonly credentials?: () => Credentials;
  /** Called after each change, as a listener of the client's is. */
  readonly onStateChange?: (scene: Scene, kind: ConnectionState["kind"]) => void;
}

/** A connection over a scripted transport and a clock that the test moves. */
export interface Scene {
  readonly clock: ManualClock;
  readonly transport: ScriptedTransport;
  readonly connection: Connection;
  /** The kinds of the states so far, after the first. */
  readonly states: ConnectionState["kind"][];
  /** The topics of the messages that arrived. */
  readonly arrived: string[];
  readonly logged: readonly LogEntry[];
}

/** The error of a call that reached its deadline. */
export const TOO_LATE = new Error("too late");

/** Deadline of a call from now on; default 10 s. */
export const within = (
  { clock }: Pick<Scene, "clock">,
  { ms = 10_000, signal }: { readonly ms?: number; readonly signal?: AbortSignal } = {},
): Deadline => ({
  clock,
  expiresAt: clock.monotonicMs() + ms,
  signal,
  timeoutError: () => TOO_LATE,
});

/** A message to publish. */
export const message = (topic: string, qos: QoS = 0): OutgoingMessage => ({
  topic,
  payload: "{}",
  qos,
  retain: false,
});

/** Full jitter at its middle: with the default bounds, dials pause 125, 250, 500 … ms. */
const HALF = 0.5;

export const connectionScene = (options: SceneOptions = {}): Scene => {
  const clock = new ManualClock();
  const transport = new ScriptedTransport(...(options.dials ?? []));
  const { logger, entries } = recordingLogger();
  const states: ConnectionState["kind"][] = [];
  const arrived: string[] = [];
  const connection = new Connection({
    plan: {
      url: `${BROKER}?token=secret`,
      broker: BROKER,
      clientId: "device",
      protocolLevel: "auto",
      keepAliveMs: 60_000,
      transport,
      credentials: options.credentials ?? (() => ({ username: undefined, password: undefined })),
    },
    reconnect: { minDelayMs: 250, maxDelayMs: 30_000, maxAttempts: Infinity, ...options.reconnect },
    dialTimeoutMs: options.dialTimeoutMs ?? 5_000,
    clock,
    random: options.random ?? (() => HALF),
    logger,
    onStateChange: ({ kind }) => {
      states.push(kind);
      options.onStateChange?.(scene, kind);
    },
    toleratesRefusal: options.toleratesRefusal ?? (() => false),
  });
  connection.onMessage = ({ topic }) => void arrived.push(topic);
  const scene: Scene = { clock, transport, connection, states, arrived, logged: entries };
  return scene;
};

/** The same, online. */
export const onlineScene = async (options: SceneOptions = {}): Promise<Scene> => {
  const scene = connectionScene(options);
  await scene.connection.connect(within(scene));
  return scene;
};

/** What a promise came to, once everything that needs no time has happened. */
export const outcomeOf = <T>(result: T | Promise<T>): { value?: T; error?: unknown } => {
  const outcome: { value?: T; error?: unknown } = {};
  Promise.resolve(result).then(
    (value) => {
      outcome.value = value;
    },
    (error: unknown) => {
      outcome.error = error;
    },
  );
  return outcome;
};
