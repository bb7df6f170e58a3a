import { EventEmitter } from "node:events";
import { Readable, Writable } from "node:stream";
import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { PacketReader } from "../../src/transport/packet-reader.ts";
import { promisesSettled } from "../runtime/manual-clock.ts";
import { anyCuts, byteByByte, cutAt } from "./cut-bytes.ts";
import { PINGRESP, publish, readerScene } from "./reader-scene.ts";

describe("PacketReader", () => {
  test("delivers QoS 0 messages itself and passes everything else on", async () => {
    const { bring, arrived } = readerScene();
    bring(publish("0"), publish("1", 1), publish("2", 2), PINGRESP, publish("3"));
    await promisesSettled();
    expect(arrived).toEqual(["0", "1 by MQTT.js", "2 by MQTT.js", "ping by MQTT.js", "3"]);
  });

  test("passes packets on one by one and whole", async () => {
    const { bring, forwarded } = readerScene();
    const packets = [publish("1", 1), PINGRESP, publish("2", 2)];
    for (const chunk of byteByByte(Buffer.concat(packets))) bring(chunk);
    await promisesSettled();
    expect(forwarded.map((packet) => Buffer.from(packet))).toEqual(
      packets.map((packet) => Buffer.from(packet)),
    );
  });

  test("delivers nothing itself before it knows where to", async () => {
    const { bring, arrived, deliver } = readerScene({ delivers: false });
    bring(publish("early"));
    await promisesSettled();
    deliver();
    bring(publish("late"));
    await promisesSettled();
    expect(arrived).toEqual(["early by MQTT.js", "late"]);
  });

  test("passes on what comes behind a packet that MQTT.js has not begun to handle", async () => {
    const { bring, arrived } = readerScene({ handlesAtOnce: false });
    bring(publish("1", 1), publish("2"));
    await promisesSettled();
    bring(publish("3"));
    await promisesSettled();
    expect(arrived).toEqual(["1 by MQTT.js", "2 by MQTT.js", "3 by MQTT.js"]);
  });

  test("delivers itself again once MQTT.js has begun to handle all that it got", async () => {
    const { bring, arrived, reader } = readerScene({ handlesAtOnce: false });
    bring(publish("1", 1), publish("2"));
    await promisesSettled();
    reader.noteHandled();
    bring(publish("3"));
    await promisesSettled();
    for (let left = 2; left > 0; left -= 1) reader.noteHandled();
    bring(publish("4"));
    await promisesSettled();
    expect(arrived).toEqual(["1 by MQTT.js", "2 by MQTT.js", "3 by MQTT.js", "4"]);
  });

  test("does not mind being told of more packets than it passed on", async () => {
    const { bring, arrived, reader } = readerScene({ handlesAtOnce: false });
    reader.noteHandled();
    bring(publish("1", 1), publish("2"));
    await promisesSettled();
    expect(arrived).toEqual(["1 by MQTT.js", "2 by MQTT.js"]);
  });

  property.prop([fc.array(fc.constantFrom<0 | 1 | 2>(0, 0, 1, 2), { maxLength: 12 }), anyCuts])(
    "keeps the order however the bytes are cut",
    async (levels, cuts) => {
      const { bring, arrived } = readerScene();
      const packets = levels.map((qos, at) => publish(String(at), qos));
      for (const chunk of cutAt(Buffer.concat(packets), cuts)) bring(chunk);
      await promisesSettled();
      expect(arrived).toEqual(
        levels.map((qos, at) => (qos === 0 ? String(at) : `${String(at)} by MQTT.js`)),
      );
    },
  );
});

describe("between two messages", () => {
  test.each([
    { how: "in one chunk", chunks: [[publish("1"), publish("2"), publish("3")]] },
    { how: "in a chunk each", chunks: [[publish("1")], [publish("2")], [publish("3")]] },
  ])("runs what the first one settled, $how", async ({ chunks }) => {
    const { bring, arrived } = readerScene({
      onMessage: (text) => {
        void Promise.resolve().then(() => arrived.push(`${text} settled`));
      },
    });
    for (const packets of chunks) bring(...packets);
    await promisesSettled();
    expect(arrived).toEqual(["1", "1 settled", "2", "2 settled", "3", "3 settled"]);
  });

  test("runs the ticks that a packet for MQTT.js set going", async () => {
    const { bring, arrived, deliver } = readerScene({ delivers: false });
    // From where a socket's events come: outside of any promise.
    setImmediate(() => {
      bring(PINGRESP, publish("1"));
      process.nextTick(deliver);
    });
    await promisesSettled();
    await promisesSettled();
    expect(arrived).toEqual(["ping by MQTT.js", "1"]);
  });

  test("takes a chunk that comes while a message is handled in its turn", async () => {
    const { bring, arrived } = readerScene({
      onMessage: (text) => {
        if (text === "1") bring(publish("3"));
        if (text.length === 1) arrived.push(`${text} handled`);
      },
    });
    bring(publish("1"), publish("2"));
    await promisesSettled();
    expect(arrived).toEqual(["1", "1 handled", "2", "2 handled", "3", "3 handled"]);
  });

  test("takes a chunk that comes while the last message is handled in its turn", async () => {
    const { bring, arrived } = readerScene({
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
    const { bring, arrived } = readerScene();
    bring(publish("1"), publish("2"), publish("3").subarray(0, 2));
    bring(publish("3").subarray(2), publish("4"));
    queueMicrotask(() => {
      bring(publish("5"), publish("6"));
    });
    await promisesSettled();
    expect(arrived).toEqual(["1", "2", "3", "4", "5", "6"]);
  });

  test("goes on though the first one made somebody throw", async () => {
    const { bring, arrived } = readerScene({
      onMessage: (text) => {
        if (text === "1") throw new Error("no");
      },
    });
    expect(() => {
      bring(publish("1"), publish("2"));
    }).toThrow("no");
    await promisesSettled();
    expect(arrived).toEqual(["1", "2"]);
  });
});

describe("stepIn", () => {
  test("stays out where nobody reads yet", () => {
    const socket = new EventEmitter();
    new PacketReader(4).stepIn(socket);
    expect(socket.listenerCount("data")).toBe(0);
  });

  test("stays out where others read, too", () => {
    const socket = new EventEmitter();
    const arrived: string[] = [];
    socket.on("data", () => arrived.push("first"));
    socket.on("data", () => arrived.push("second"));
    const reader = new PacketReader(4);
    reader.stepIn(socket);
    reader.deliverTo(() => arrived.push("reader"));
    socket.emit("data", publish("1"));
    expect(arrived).toEqual(["first", "second"]);
  });
});

/** A socket with MQTT.js's pipe in it, and a reader between the two. */
const pipedScene = (highWaterMark: number) => {
  const socket = new Readable({ read: () => {} });
  const arrived: string[] = [];
  const errors: unknown[] = [];
  const client = new Writable({
    highWaterMark,
    write: (packet: Buffer, _encoding, done) => {
      arrived.push(packet.subarray(9).toString());
      setImmediate(done);
    },
  });
  client.on("error", (error) => errors.push(error));
  const finished = new Promise<void>((resolve) => {
    client.once("close", resolve);
  });
  socket.pipe(client);
  new PacketReader(4).stepIn(socket);
  return { socket, arrived, errors, finished };
};

describe("a stream below MQTT.js", () => {
  test("may end while packets still wait", async () => {
    const { socket, arrived, errors, finished } = pipedScene(100_000);
    socket.push(Buffer.concat([publish("1", 1), publish("2", 1), publish("3", 1)]));
    socket.push(null);
    await finished;
    expect(errors).toEqual([]);
    expect(arrived).toEqual(["1", "2", "3"]);
  });

  test("is paused while MQTT.js is full, and goes on afterwards", async () => {
    const { socket, arrived, errors, finished } = pipedScene(1);
    const all = Array.from({ length: 20 }, (_, at) => String(at));
    for (const text of all) socket.push(publish(text, 1));
    await promisesSettled();
    expect(socket.isPaused()).toBe(true);
    socket.push(null);
    await finished;
    expect(errors).toEqual([]);
    expect(arrived).toEqual(all);
  });
});
