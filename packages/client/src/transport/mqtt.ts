import mqtt from "mqtt";
import type { IClientOptions, MqttClient } from "mqtt";

import { ConnectionFailedError } from "../errors/connection-failed-error.ts";
import { LONGEST_TIMER_MS, systemClock } from "../runtime/platform.ts";
import { checkRuntimeCompatibility, hasTcp } from "../runtime/compatibility.ts";
import type { Deadline, Settle } from "../runtime/deadline.ts";
import { waitWithin } from "../runtime/deadline.ts";
import { readLimits } from "./broker-limits.ts";
import { DialFault, SilentEnd, dialFailure, timeoutFailure } from "./dial-diagnosis.ts";
import { RECEIVE_MAXIMUM } from "./incoming-publishes.ts";
import type { LinkRequest } from "./mqtt-link.ts";
import { MqttLink } from "./mqtt-link.ts";
import { PacketStream } from "./packet-stream.ts";
import { dialByLevel } from "./protocol-level.ts";
import type { DialRequest, Link, ProtocolLevel, TlsOptions, Transport } from "./transport.ts";

interface BytesMaker {
  readonly Buffer?: Pick<BufferConstructor, "from">;
}

/**
 * A text in the form in which MQTT.js's codec does not print it, where `DEBUG` is set: as a `Buffer`, which the
 * codec takes for a text as well. Browsers have none, and no such variable.
 */
const unprintable = (text: string): NonNullable<IClientOptions["password"]> => {
  const { Buffer: maker }: BytesMaker = globalThis;
  return maker === undefined ? text : maker.from(text);
};

/** A URL whose query, which may hold a token, is not printed where `DEBUG` is set. */
class DiscreetUrl extends URL {
  override toString(): string {
    return `${this.origin}${this.pathname}`;
  }
}

/** The URL as its user gave it. The package below MQTT.js on Node takes an object for it, and MQTT.js prints that. */
const webSocketUrl = ({ url }: DialRequest): string => {
  if (!url.includes("?") || checkRuntimeCompatibility().runtime !== "node") return url;
  const discreet: unknown = new DiscreetUrl(url);
  // It is typed for what MQTT.js makes of its parts, and only handed on.
  return discreet as string;
};

const clientOptions = (request: DialRequest, level: ProtocolLevel): IClientOptions => {
  const { tls, will } = request;
  return {
    clientId: request.clientId,
    protocolVersion: level,
    clean: true,
    keepalive: Math.ceil(request.keepAliveMs / 1000),
    // A worker made from a blob would be stopped by a strict content security policy.
    timerVariant: "native",
    // With DEBUG set, MQTT.js would print messages and passwords.
    log: () => {},
    // Reconnecting, resubscribing and queueing are this library's: MQTT.js would send what it
    // queued before the subscriptions are back, and answers would be lost.
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    // A browser's WebSocket that is full is tried again after this; by default only after a second.
    browserBufferTimeout: 5,
    // The deadline of the dial is the one that counts.
    connectTimeout: Math.min(request.timeoutMs + 60_000, LONGEST_TIMER_MS),
    ...(level === 5 ? { properties: { receiveMaximum: RECEIVE_MAXIMUM } } : {}),
    ...(request.username === undefined ? {} : { username: request.username }),
    ...(will === undefined ? {} : { will }),
    ...(request.password === undefined ? {} : { password: unprintable(request.password) }),
    // MQTT.js rebuilds the URL without the brackets of an IPv6 address, and takes a client id from it.
    transformWsUrl: () => webSocketUrl(request),
    query: {},
    ...(tls === undefined ? {} : tlsOptions(tls)),
  };
};

const tlsOptions = (tls: TlsOptions): Partial<IClientOptions> => {
  const { servername } = tls;
  // MQTT.js passes all but this one on to its WebSocket.
  const options = { ...tls, wsOptions: servername === undefined ? {} : { servername } };
  // It wants mutable arrays and Node's Buffer; it only reads them.
  return options as Partial<IClientOptions>;
};

/** Without it, Nagle's algorithm and delayed acknowledgements cost 40 ms and more per exchange. */
const disableNagle = (stream: object): void => {
  if (isSocket(stream)) stream.setNoDelay(true);
};

/** A WebSocket is none; the package below it sets the option itself. */
const isSocket = (stream: object): stream is { setNoDelay(isOn: boolean): unknown } =>
  "setNoDelay" in stream && typeof stream.setNoDelay === "function";

/** Scripts are not told why a WebSocket failed; whoever reads the error is told where to look. */
const inBrowser = (error: Error): Error =>
  new Error(
    "the WebSocket could not be opened; the browser's console says whether it was " +
      "the network, the certificate, or connect-src in the page's Content-Security-Policy",
    { cause: error },
  );

/** One dial as it goes on. */
interface Attempt extends LinkRequest {
  /** Whether the connection is open, and encrypted where it is to be. */
  readonly progress: { isConnected: boolean };
}

const faultOf = (error: Error, { stream, progress }: Attempt): DialFault => {
  const { reasonCode = 0, properties } = stream.connack ?? {};
  if (reasonCode !== 0) return new DialFault({ cause: error, reasonCode, properties });
  return new DialFault({
    cause: hasTcp() ? error : inBrowser(error),
    firstBytes: stream.firstBytes,
    wasConnected: progress.isConnected,
  });
};

const listenForVerdict = (client: MqttClient, attempt: Attempt, settle: Settle<Link>): void => {
  const fail = (error: Error): void => {
    settle.reject(faultOf(error, attempt));
  };
  client.once("connect", () => {
    const limits = readLimits(attempt, attempt.stream.connack?.properties);
    const link = new MqttLink(client, attempt, limits);
    settle.resolve(link);
    link.open();
  });
  // Stays for the client's life: an "error" that nobody listens for ends the process.
  client.on("error", fail);
  // MQTT.js passes on only those stream errors that carry a code.
  client.stream.on("error", fail);
  client.once("close", () => {
    fail(new SilentEnd());
  });
};

type StreamBuilder = ConstructorParameters<typeof MqttClient>[0];

const isStreamBuilder = (value: unknown): value is StreamBuilder => typeof value === "function";

/**
 * An MQTT.js client with something between itself and its socket. Its constructor takes a builder of streams for
 * that; but the one that opens sockets and WebSockets on every platform can only be had from a client made by
 * `connect()`, which keeps it as a private field.
 */
const startClient = (
  request: DialRequest,
  options: IClientOptions,
  { stream, progress }: Attempt,
): MqttClient => {
  const maker = mqtt.connect(request.url, { ...options, manualConnect: true });
  const openSocket: unknown = maker["streamBuilder"];
  if (!isStreamBuilder(openSocket)) {
    throw new Error("this version of the package mqtt hides its stream builder; install mqtt@5.16");
  }
  return new mqtt.MqttClient(
    (client) => {
      const socket = openSocket(client);
      disableNagle(socket);
      const connected = request.url.startsWith("mqtts:") ? "secureConnect" : "connect";
      socket.once(connected, () => {
        progress.isConnected = true;
      });
      return stream.between(socket);
    },
    { ...maker.options, manualConnect: false },
  );
};

/** One dial at one level; it fails with a {@link DialFault}, or by the deadline. */
const dialAt = (
  request: DialRequest,
  deadline: Deadline,
  { level, progress }: Pick<Attempt, "level" | "progress">,
): Promise<Link> => {
  const dialled = { opened: false };
  return waitWithin<Link>(deadline, ({ resolve, reject }) => {
    // The default provider can hand out an identifier that is still in use.
    const ids = new mqtt.UniqueMessageIdProvider();
    const stream = new PacketStream(level, (error) => {
      reject(faultOf(error, attempt));
    });
    const attempt: Attempt = { ...request, level, stream, ids, progress };
    const options = { ...clientOptions(request, level), messageIdProvider: ids };
    const client = startClient(request, options, attempt);
    listenForVerdict(client, attempt, {
      reject,
      resolve: (link) => {
        dialled.opened = true;
        resolve(link);
      },
    });
    return () => {
      if (!dialled.opened) client.end(true);
    };
  });
};

/** What a browser says of a URL that it cannot open is of little help. */
const assertReachable = (request: DialRequest): void => {
  if (hasTcp() || /^wss?:/.test(request.url)) return;
  const cause = new Error(
    "browsers reach a broker over WebSocket only; give its ws:// or wss:// URL",
  );
  throw dialFailure(request, { cause });
};

const dial = async (request: DialRequest): Promise<Link> => {
  assertReachable(request);
  const { timeoutMs, signal } = request;
  const progress = { isConnected: false };
  const deadline: Deadline = {
    clock: systemClock,
    expiresAt: systemClock.monotonicMs() + timeoutMs,
    signal,
    timeoutError: () => timeoutFailure(request, progress.isConnected),
  };
  try {
    return await dialByLevel(request, (level) => {
      progress.isConnected = false;
      return dialAt(request, deadline, { level, progress });
    });
  } catch (error) {
    if (signal.aborted || error instanceof ConnectionFailedError) throw error;
    // Besides, MQTT.js throws at once for certificates and keys that cannot be read.
    throw dialFailure(request, error instanceof DialFault ? error.evidence : { cause: error });
  }
};

/**
 * The transport of every client that is given none: MQTT over TCP, TLS and WebSocket, by MQTT.js. One of your own may pass its
 * dials on to it, to see each message as it comes.
 *
 * @example
 * ```ts
 * const transport: Transport = {
 *   dial: (request) =>
 *     mqttTransport.dial({
 *       ...request,
 *       onMessage: (message) => {
 *         console.log(message.topic, message.payload.length);
 *         request.onMessage(message);
 *       },
 *     }),
 * };
 * ```
 */
export const mqttTransport: Transport = { dial };
