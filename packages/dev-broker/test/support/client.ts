import { connect } from "node:net";
import type { Socket } from "node:net";
import mqtt from "mqtt";
import type { IClientOptions, IPublishPacket, MqttClient } from "mqtt";
import type { DevBrokerWithWebSocket } from "../../src/index.ts";

/** The longest that a test waits for one event. */
const DEADLINE_MS = 5_000;

/** For `expect.poll` and its like, whose default of a second is too short on a loaded machine. */
export const PATIENCE = { timeout: DEADLINE_MS } as const;

/** Each version over each transport: what must not make a difference. */
export const LINKS = [
  { name: "MQTT 3.1.1 over TCP", protocolVersion: 4, over: "url" },
  { name: "MQTT 3.1.1 over WebSocket", protocolVersion: 4, over: "wsUrl" },
  { name: "MQTT 5 over TCP", protocolVersion: 5, over: "url" },
  { name: "MQTT 5 over WebSocket", protocolVersion: 5, over: "wsUrl" },
] as const;

export type Link = (typeof LINKS)[number];

/** A client that is ended with the test. */
export interface TestClient extends AsyncDisposable {
  readonly mqtt: MqttClient;
  /** The next message that was not received so far. */
  receive(): Promise<IPublishPacket>;
}

/** Connects a client that gives up at the first fault. */
export async function connectTo(url: string, options: IClientOptions = {}): Promise<TestClient> {
  const client = mqtt.connect(url, {
    protocolVersion: 5,
    reconnectPeriod: 0,
    connectTimeout: DEADLINE_MS,
    ...options,
  });
  const unread: IPublishPacket[] = [];
  client.on("message", (_topic, _payload, packet) => unread.push(packet));
  try {
    await connected(client);
  } catch (error) {
    await client.endAsync(true);
    throw error;
  }
  return {
    mqtt: client,
    receive: async () => {
      if (unread.length === 0) await event(client, "message");
      const packet = unread.shift();
      if (packet === undefined) throw new Error("another receive() took the message");
      return packet;
    },
    [Symbol.asyncDispose]: () => client.endAsync(true),
  };
}

function connected(client: MqttClient): Promise<void> {
  return new Promise((resolve, reject) => {
    client.once("connect", () => resolve());
    // Stays for good, since cut connections are what some tests are about.
    client.on("error", reject);
    client.once("close", () => reject(new Error("the connection ended before the CONNACK")));
  });
}

/** Connects over one of the links. */
export function connectOver(
  broker: DevBrokerWithWebSocket,
  link: Link,
  options: IClientOptions = {},
): Promise<TestClient> {
  return connectTo(broker[link.over], { protocolVersion: link.protocolVersion, ...options });
}

/** The code in the CONNACK that refuses the connection. */
export async function refusalCode(url: string, options: IClientOptions): Promise<unknown> {
  const outcome = await connectTo(url, options).catch((error: unknown) => error);
  if (outcome instanceof Error && "code" in outcome) return outcome.code;
  throw new Error("the connection was not refused", { cause: outcome });
}

/** Subscribes, and returns the codes of the SUBACK as they were sent. */
export function grantedCodes(
  { mqtt: client }: TestClient,
  filters: string[],
  qos: 0 | 1 | 2 = 0,
): Promise<unknown> {
  return new Promise((resolve) => {
    client.on("packetreceive", (packet) => {
      if (packet.cmd === "suback") resolve(packet.granted);
    });
    // A refusal is an error to the client; here the codes are the result.
    client.subscribe(filters, { qos }, () => {});
  });
}

/** Waits for an event of a client or socket, whatever it carries. */
export function event<Name extends string>(
  emitter: { once(name: Name, listener: () => void): unknown },
  name: Name,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(() => {
      reject(new Error(`no "${name}" within ${DEADLINE_MS} ms`));
    }, DEADLINE_MS);
    emitter.once(name, () => {
      clearTimeout(deadline);
      resolve();
    });
  });
}

/** Opens a bare TCP connection, for what no client would send. */
export async function openSocket(port: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1" });
  await event(socket, "connect");
  // How a broker hangs up, orderly or not, makes no difference.
  socket.on("error", () => {});
  return socket;
}

/** Sends the bytes and returns everything that comes until the broker hangs up. */
export async function sendBytes(port: number, ...chunks: readonly Uint8Array[]): Promise<Buffer> {
  const socket = await openSocket(port);
  const answer: Buffer[] = [];
  socket.on("data", (bytes: Buffer) => answer.push(bytes));
  const closed = event(socket, "close");
  for (const bytes of chunks) socket.write(bytes);
  await closed;
  return Buffer.concat(answer);
}
