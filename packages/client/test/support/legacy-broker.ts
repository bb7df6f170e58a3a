import { connect, createServer } from "node:net";
import type { Socket } from "node:net";
import { pipeline } from "node:stream";
import { listenLocally } from "./local-server.ts";

/** What a broker of the time before MQTT 5 does with an MQTT 5 CONNECT: answer it, or hang up. */
export type LegacyMode = "refuse" | "hang-up";

/** A broker that seems to know MQTT 3.1.1 only. */
export interface LegacyFront extends AsyncDisposable {
  readonly port: number;
  /** Where a client connects: "mqtt://127.0.0.1:PORT". */
  readonly url: string;
  /** The protocol level of each CONNECT so far, in order of arrival (MQTT 5 §3.1.2.2). */
  readonly levels: readonly number[];
  /** Destroys every connection and frees the port. */
  close(): Promise<void>;
}

// "Unacceptable protocol version", in the only form that such a broker knows (MQTT 3.1.1 §3.2.2.3).
const REFUSAL = Uint8Array.of(0x20, 0x02, 0x00, 0x01);
const MQTT_5 = 5;

/** Puts a front before a broker of this machine: MQTT 5 is turned away, the rest is passed on. */
export async function startLegacyFront(targetPort: number, mode: LegacyMode): Promise<LegacyFront> {
  const levels: number[] = [];
  const server = await listenLocally(
    createServer((client) => {
      client.setNoDelay(true);
      // A peer that hangs up first is no fault of the test's.
      client.on("error", () => {});
      onConnect(client, (level, head) => {
        levels.push(level);
        if (level !== MQTT_5) passOn(client, head, targetPort);
        else if (mode === "refuse") client.resume().end(REFUSAL);
        else client.destroy();
      });
    }),
  );
  return {
    port: server.port,
    url: `mqtt://127.0.0.1:${server.port}`,
    levels,
    close: server.close,
    [Symbol.asyncDispose]: server.close,
  };
}

function onConnect(client: Socket, found: (level: number, head: Buffer) => void): void {
  let head = Buffer.alloc(0);
  const onData = (bytes: Buffer): void => {
    head = Buffer.concat([head, bytes]);
    const level = protocolLevel(head);
    if (level === undefined) return;
    client.off("data", onData);
    client.pause();
    found(level, head);
  };
  client.on("data", onData);
}

/** The protocol level, if the bytes reach that far: type, length (1 to 4 bytes), name, level. */
function protocolLevel(head: Buffer): number | undefined {
  const lengthEnd = head.subarray(1, 5).findIndex((byte) => byte < 0x80);
  if (lengthEnd === -1) return undefined;
  const nameAt = 2 + lengthEnd;
  if (head.length < nameAt + 2) return undefined;
  return head[nameAt + 2 + head.readUInt16BE(nameAt)];
}

function passOn(client: Socket, head: Buffer, targetPort: number): void {
  const broker = connect({ port: targetPort, host: "127.0.0.1", noDelay: true });
  broker.write(head);
  // The end or fault of one side is the other's too; there is nobody to tell.
  pipeline(client, broker, () => {});
  pipeline(broker, client, () => {});
}
