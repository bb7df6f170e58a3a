import mqtt from "mqtt";
import type { IClientOptions, MqttClient } from "mqtt";

import { LONGEST_TIMER_MS, systemClock } from "../runtime/clock.ts";
import { hasTcp } from "../runtime/compatibility.ts";
import type { Deadline, Settle } from "../runtime/deadline.ts";
import { waitWithin } from "../runtime/deadline.ts";
import { dialFailure } from "./dial-failure.ts";
import { RECEIVE_MAXIMUM } from "./incoming-publishes.ts";
import type { LinkRequest } from "./mqtt-link.ts";
import { MqttLink } from "./mqtt-link.ts";
import { PacketStream } from "./packet-stream.ts";
import type { DialRequest, Link, ProtocolLevel, TlsOptions, Transport } from "./transport.ts";

/** "Unsupported protocol version" of MQTT 5 (§3.2.2.2) and "unacceptable protocol version" of 3.1.1 (§3.2.2.3). */
const LEVEL_REFUSED_CODES: readonly number[] = [132, 1];

/** A broker that knows MQTT 3.1.1 only says so, or just hangs up. */
class ProtocolLevelRefused extends Error {}

const reasonCodeOf = (error: unknown): number | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "number"
    ? error.code
    : undefined;

const clientOptions = (request: DialRequest, level: ProtocolLevel): IClientOptions => {
  const { tls } = request;
  return {
    clientId: request.clientId,
    protocolVersion: level,
    clean: true,
    keepalive: Math.ceil(request.keepAliveMs / 1000),
    // A worker made from a blob would be stopped by a strict content security policy.
    timerVariant: "native",
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
    ...(request.password === undefined ? {} : { password: request.password }),
    // MQTT.js rebuilds the URL without the brackets of an IPv6 address, and takes a client id from it.
    transformWsUrl: () => request.url,
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
  reasonCodeOf(error) === undefined
    ? new Error(
        "the WebSocket could not be opened; the browser's console says whether it was " +
          "the network, the certificate, or connect-src in the page's Content-Security-Policy",
        { cause: error },
      )
    : error;

const listenForVerdict = (client: MqttClient, request: LinkRequest, settle: Settle<Link>): void => {
  const { level } = request;
  const fail = (error: Error): void => {
    const cause = hasTcp() ? error : inBrowser(error);
    const reasonCode = reasonCodeOf(error);
    const refused = reasonCode !== undefined && LEVEL_REFUSED_CODES.includes(reasonCode);
    settle.reject(
      refused && level === 5
        ? new ProtocolLevelRefused("the broker refused MQTT 5", { cause })
        : dialFailure(request, { cause, reasonCode }),
    );
  };
  client.once("connect", (connack) => {
    const link = new MqttLink(client, request, connack.properties ?? {});
    settle.resolve(link);
    link.open();
  });
  // Stays for the client's life: an "error" that nobody listens for ends the process.
  client.on("error", fail);
  // MQTT.js passes on only those stream errors that carry a code.
  client.stream.on("error", fail);
  client.once("close", () => {
    const cause = new Error("the broker closed the connection before it answered");
    if (level === 5) settle.reject(new ProtocolLevelRefused(cause.message, { cause }));
    else fail(cause);
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
  stream: PacketStream,
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
      return stream.between(socket);
    },
    { ...maker.options, manualConnect: false },
  );
};

const dialAt = (request: DialRequest, limits: Deadline, level: ProtocolLevel): Promise<Link> => {
  const dialled = { opened: false };
  return waitWithin<Link>(limits, ({ resolve, reject }) => {
    // The default provider can hand out an identifier that is still in use.
    const ids = new mqtt.UniqueMessageIdProvider();
    const options = { ...clientOptions(request, level), messageIdProvider: ids };
    const stream = new PacketStream(level, (cause) => {
      reject(dialFailure(request, { cause }));
    });
    const client = startClient(request, options, stream);
    listenForVerdict(
      client,
      { ...request, level, stream, ids },
      {
        reject,
        resolve: (link) => {
          dialled.opened = true;
          resolve(link);
        },
      },
    );
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
  const deadline: Deadline = {
    clock: systemClock,
    expiresAt: systemClock.monotonicMs() + request.timeoutMs,
    signal: request.signal,
    timeoutError: () =>
      dialFailure(request, {
        cause: new Error(`no answer within ${String(request.timeoutMs)} ms`),
      }),
  };
  const { protocolLevel } = request;
  if (protocolLevel !== "auto") {
    return unwrapRefusal(request, dialAt(request, deadline, protocolLevel));
  }
  try {
    return await dialAt(request, deadline, 5);
  } catch (error) {
    if (!(error instanceof ProtocolLevelRefused)) throw error;
    request.logger?.info(
      { broker: request.broker },
      "the broker refused MQTT 5, trying MQTT 3.1.1",
    );
    return dialAt(request, deadline, 4);
  }
};

const unwrapRefusal = async (request: DialRequest, link: Promise<Link>): Promise<Link> => {
  try {
    return await link;
  } catch (error) {
    if (!(error instanceof ProtocolLevelRefused)) throw error;
    const reasonCode = reasonCodeOf(error.cause);
    throw dialFailure(request, { cause: error, reasonCode });
  }
};

/** MQTT over TCP, TLS and WebSocket, by MQTT.js. */
export const mqttTransport: Transport = { dial };
