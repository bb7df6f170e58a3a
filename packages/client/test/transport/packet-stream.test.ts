import { EventEmitter } from "node:events";
import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { ProtocolFault } from "../../src/transport/packet-frames.ts";
import { PacketStream } from "../../src/transport/packet-stream.ts";
import type { IncomingMessage } from "../../src/transport/transport.ts";
import { promisesSettled } from "../runtime/manual-clock.ts";
import { anyCuts, byteByByte, cutAt } from "./cut-bytes.ts";
import { writePublish } from "./mqtt-packet.ts";
import { PacketType, acknowledgement, connack, packet } from "./packets.ts";

const CONNACK = connack(4);
const PINGRESP = Uint8Array.of(0xd0, 0);
const SUBACK = packet(PacketType.SUBACK, 0, 1, 0);

const publish = (payload: string, qos: 0 | 1 | 2 = 0): Uint8Array =>
  writePublish({ payload, qos }, 4);

/** A socket as far as the stream uses it. */
class PlayedSocket extends EventEmitter {
  isPaused = false;

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }
}

/** What a scene may have otherwise than usual. */
interface SceneOptions {
  /** Whether the broker has accepted and messages have somewhere to go; default true. */
  readonly isOpen?: boolean;
  /** Called with each message. */
  readonly onMessage?: (text: string) => void;
  /** What MQTT.js does with a packet. */
  readonly onPacket?: () => void;
}

/** A stream between a socket and what stands for MQTT.js. */
const streamScene = ({ isOpen = true, onMessage, onPacket }: SceneOptions = {}) => {
  const socket = new PlayedSocket();
  /** What arrived, in order: the payload, or the type and to whom it went. */
  const arrived: string[] = [];
  /** The packet identifiers of those that want to be acknowledged. */
  const acknowledged: number[] = [];
  const faults: Error[] = [];
  const decoder = new TextDecoder();
  const stream = new PacketStream(4, (fault) => faults.push(fault));
  const sink = {
    write: (bytes: Uint8Array) => {
      onPacket?.();
      arrived.push(`${String((bytes[0] ?? 0) >> 4)} by MQTT.js`);
    },
  };
  stream.between(socket);
  Object(socket).pipe(sink);
  const bring = (...packets: readonly Uint8Array[]): void => {
    socket.emit("data", Buffer.concat(packets));
  };
  const open = (): void => {
    const take = ({ payload }: IncomingMessage): void => {
      const text = decoder.decode(payload);
      arrived.push(text);
      onMessage?.(text);
    };
    stream.open({
      onMessage: take,
      onPublish: ({ message, messageId }) => {
        acknowledged.push(messageId);
        take(message);
      },
      onControl: ({ type }) => arrived.push(`${String(type)} by the link`),
      onFault: (fault) => faults.push(fault),
    });
  };
  if (isOpen) {
    bring(CONNACK);
    arrived.length = 0;
    open();
  }
  return { stream, socket, arrived, acknowledged, faults, bring, open };
};

describe("PacketStream", () => {
  test("keeps what belongs to messages to the link, and passes everything else on", async () => {
    const { bring, arrived, faults } = streamScene();
    const ours = [PacketType.PUBACK, PacketType.PUBREC, PacketType.PUBCOMP].map((type) =>
      acknowledgement(type, 1),
    );
    bring(publish("0"), publish("1", 1), publish("2", 2), PINGRESP, SUBACK, ...ours);
    bring(Uint8Array.of(0x62, 2, 0, 1));
    await promisesSettled();
    expect(arrived).toEqual([
      ...["0", "1", "2", "13 by MQTT.js", "9 by MQTT.js"],
      ...["4 by the link", "5 by the link", "7 by the link", "6 by the link"],
    ]);
    expect(faults).toEqual([]);
  });

  test("gives a message with QoS 0 away without its packet, which is not acknowledged", async () => {
    const { bring, arrived, acknowledged } = streamScene();
    bring(publish("0"), publish("1", 1), publish("2", 2));
    await promisesSettled();
    expect(arrived).toEqual(["0", "1", "2"]);
    expect(acknowledged).toHaveLength(2);
  });

  test("passes packets on one by one and whole", async () => {
    const { socket, arrived } = streamScene();
    for (const chunk of byteByByte(Buffer.concat([SUBACK, PINGRESP]))) socket.emit("data", chunk);
    await promisesSettled();
    expect(arrived).toEqual(["9 by MQTT.js", "13 by MQTT.js"]);
  });

  test("holds what comes behind the CONNACK until it knows where to", async () => {
    const { bring, arrived, open } = streamScene({ isOpen: false });
    bring(CONNACK, publish("early"));
    await promisesSettled();
    expect(arrived).toEqual(["2 by MQTT.js"]);
    open();
    bring(publish("late"));
    await promisesSettled();
    expect(arrived).toEqual(["2 by MQTT.js", "early", "late"]);
  });

  test("keeps the beginning of what came before the broker accepted", () => {
    const { socket, stream } = streamScene({ isOpen: false });
    socket.emit("data", CONNACK.subarray(0, 1));
    socket.emit("data", Buffer.concat([CONNACK.subarray(1), Buffer.alloc(1_000)]));
    expect(Buffer.from(stream.firstBytes.subarray(0, 4))).toEqual(CONNACK);
    expect(stream.firstBytes.length).toBe(64);
  });

  test("tells that something came, whatever it is", () => {
    const { bring, stream } = streamScene();
    const before = stream.activity;
    bring(PINGRESP);
    expect(stream.activity).toBeGreaterThan(before);
  });

  property.prop([fc.array(fc.constantFrom<0 | 1 | 2>(0, 0, 1, 2), { maxLength: 12 }), anyCuts])(
    "keeps the order however the bytes are cut",
    async (levels, cuts) => {
      const { socket, arrived } = streamScene();
      const packets = levels.map((qos, at) => publish(String(at), qos));
      for (const chunk of cutAt(Buffer.concat(packets), cuts)) socket.emit("data", chunk);
      await promisesSettled();
      expect(arrived).toEqual(levels.map((_, at) => String(at)));
    },
  );
});

describe("between two messages", () => {
  test.each([
    { how: "in one chunk", chunks: [[publish("1"), publish("2"), publish("3")]] },
    { how: "in a chunk each", chunks: [[publish("1")], [publish("2")], [publish("3")]] },
  ])("runs what the first one settled, $how", async ({ chunks }) => {
    const { bring, arrived } = streamScene({
      onMessage: (text) => {
        void Promise.resolve().then(() => arrived.push(`${text} settled`));
      },
    });
    for (const packets of chunks) bring(...packets);
    await promisesSettled();
    expect(arrived).toEqual(["1", "1 settled", "2", "2 settled", "3", "3 settled"]);
  });

  test("runs the ticks that a packet for MQTT.js set going", async () => {
    const { bring, arrived } = streamScene({
      onPacket: () => {
        process.nextTick(() => arrived.push("tick"));
      },
    });
    await promisesSettled();
    arrived.length = 0;
    // From where a socket's events come: outside of any promise.
    setImmediate(() => {
      bring(PINGRESP, publish("1"));
    });
    await promisesSettled();
    await promisesSettled();
    expect(arrived).toEqual(["13 by MQTT.js", "tick", "1"]);
  });

  test("takes a chunk that comes while a message is handled in its turn", async () => {
    const { bring, arrived } = streamScene({
      onMessage: (text) => {
        if (text === "1") bring(publish("3"));
        arrived.push(`${text} handled`);
      },
    });
    bring(publish("1"), publish("2"));
    await promisesSettled();
    expect(arrived).toEqual(["1", "1 handled", "2", "2 handled", "3", "3 handled"]);
  });

  test("takes a chunk that comes while the last message is handled in its turn", async () => {
    const { bring, arrived } = streamScene({
      onMessage: (text) => {
        if (text === "1") bring(publish("2"));
        arrived.push(`${text} handled`);
      },
    });
    bring(publish("1"));
    await promisesSettled();
    expect(arrived).toEqual(["1", "1 handled", "2", "2 handled"]);
  });

  test("keeps the order of chunks that come while others wait", async () => {
    const { bring, arrived } = streamScene();
    bring(publish("1"), publish("2"), publish("3").subarray(0, 2));
    bring(publish("3").subarray(2), publish("4"));
    queueMicrotask(() => {
      bring(publish("5"), publish("6"));
    });
    await promisesSettled();
    expect(arrived).toEqual(["1", "2", "3", "4", "5", "6"]);
  });
});

describe("a fault", () => {
  test("is told once, behind the good packets before it, and ends the reading", async () => {
    const { bring, arrived, faults } = streamScene();
    bring(publish("1"), Uint8Array.of(0x62, 0), publish("2"));
    await promisesSettled();
    bring(publish("3"), Uint8Array.of(0x62, 0));
    await promisesSettled();
    expect(arrived).toEqual(["1"]);
    expect(faults).toEqual([expect.any(ProtocolFault)]);
  });

  test.each([
    [
      "MQTT.js",
      {
        onPacket: () => {
          throw new Error("no");
        },
      },
      PINGRESP,
    ],
    [
      "a listener",
      {
        onMessage: () => {
          throw new Error("no");
        },
      },
      publish("1"),
    ],
  ] as const)("is what %s throws, and nothing else hears of it", async (_who, options, bytes) => {
    const scene = streamScene(options);
    scene.bring(bytes);
    await promisesSettled();
    expect(scene.faults).toEqual([new Error("no")]);
  });

  test.each([
    ["something else before CONNACK", [publish("1")]],
    ["a second CONNACK", [CONNACK, CONNACK]],
  ])("is %s", async (what, packets) => {
    const { bring, open, faults } = streamScene({ isOpen: false });
    bring(...packets);
    open();
    await promisesSettled();
    expect(String(faults[0])).toContain(what);
  });
});

describe("the end of the socket", () => {
  test("comes behind what arrived before it", async () => {
    const { bring, socket, arrived } = streamScene();
    await promisesSettled();
    bring(publish("1"), publish("2"), publish("3"));
    expect(arrived).toEqual(["1"]);
    socket.emit("end");
    expect(arrived).toEqual(["1", "2", "3"]);
  });

  test("leaves nothing to come once the link has ended", async () => {
    const { bring, stream, arrived } = streamScene();
    await promisesSettled();
    bring(publish("1"), publish("2"));
    stream.close();
    await promisesSettled();
    expect(arrived).toEqual(["1"]);
  });
});

test("a socket is paused and resumed as the link says", () => {
  const { stream, socket } = streamScene();
  stream.setPaused(true);
  expect(socket.isPaused).toBe(true);
  stream.setPaused(false);
  expect(socket.isPaused).toBe(false);
});
