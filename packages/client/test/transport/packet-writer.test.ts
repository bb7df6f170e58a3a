import { describe, expect, test, vi } from "vitest";
import type { WritableSocket } from "../../src/transport/packet-writer.ts";
import { PacketWriter } from "../../src/transport/packet-writer.ts";
import type { OutgoingMessage } from "../../src/transport/transport.ts";
import { outcomeOf } from "../connection/connection-scene.ts";
import { ManualClock, promisesSettled } from "../runtime/manual-clock.ts";
import { endsIn } from "./ends-in.ts";
import { PacketReader, readPublish } from "./packets.ts";

/** A socket that counts what reaches the system, and takes nothing while the test says so. */
class CountingSocket implements WritableSocket {
  isStuck = false;
  /** Packets that reached the system, and in how many calls. */
  packets = 0;
  systemCalls = 0;
  writableLength = 0;
  readonly written: Uint8Array[] = [];
  onFlush = (): void => {};
  #corks = 0;
  #held = 0;
  readonly #drains: (() => void)[] = [];

  write(packet: Uint8Array): boolean {
    this.written.push(packet);
    this.#held += 1;
    if (this.isStuck) this.writableLength += packet.length;
    this.#flush();
    return !this.isStuck;
  }

  cork(): void {
    this.#corks += 1;
  }

  uncork(): void {
    this.#corks -= 1;
    if (this.#corks < 0) throw new Error("uncorked more often than corked");
    this.#flush();
  }

  on(_event: "drain", listener: () => void): void {
    this.#drains.push(listener);
  }

  drain(): void {
    this.isStuck = false;
    this.writableLength = 0;
    for (const listener of this.#drains) listener();
  }

  get payloads(): readonly string[] {
    return this.written
      .flatMap((bytes) => new PacketReader().read(bytes))
      .map((packet) => readPublish(packet, 5).payload);
  }

  #flush(): void {
    if (this.#corks > 0 || this.#held === 0) return;
    this.packets += this.#held;
    this.systemCalls += 1;
    this.#held = 0;
    this.onFlush();
  }
}

const message = (more: Partial<OutgoingMessage> = {}): OutgoingMessage => ({
  topic: "a",
  payload: "{}",
  qos: 0,
  retain: false,
  ...more,
});

const scene = () => {
  const socket = new CountingSocket();
  const rooms: string[] = [];
  const writer = new PacketWriter(socket, 5, () => rooms.push("room"));
  const publish = (more: Partial<OutgoingMessage> = {}) =>
    writer.publish({ message: message(more), deadline: undefined });
  const writeInOneTurn = (count: number): void => {
    for (let written = 0; written < count; written += 1) void publish();
  };
  return { socket, writer, rooms, publish, writeInOneTurn };
};

describe("PacketWriter", () => {
  test("sends the messages of one turn in two system calls at most", async () => {
    const { socket, writeInOneTurn } = scene();
    for (let turn = 1; turn <= 5; turn += 1) {
      writeInOneTurn(100);
      await promisesSettled();
      expect(socket.packets).toBe(100 * turn);
      expect(socket.systemCalls).toBeLessThanOrEqual(2 * turn);
    }
  });

  test.each([
    ["one message a turn", [1, 1, 1, 1]],
    ["many messages a turn", [9, 9, 9, 9]],
    ["few after many", [9, 1, 9, 1, 1, 2]],
  ])("holds none back when the turn has ended: %s", async (_what, turns) => {
    const { socket, writeInOneTurn } = scene();
    let written = 0;
    for (const count of turns) {
      writeInOneTurn(count);
      written += count;
      await promisesSettled();
      expect(socket.packets).toBe(written);
    }
  });

  test.each([1, 9])(
    "holds none back where there is no process, as in browsers: %i a turn",
    async (count) => {
      vi.stubGlobal("process", undefined);
      const { socket, writeInOneTurn } = scene();
      writeInOneTurn(count);
      await promisesSettled();
      writeInOneTurn(count);
      await promisesSettled();
      expect(socket.packets).toBe(2 * count);
    },
  );

  test.each(["an event", "a promise"])(
    "sends when the promises of the turn have run, and within it, called from %s",
    async (from) => {
      const { socket, writeInOneTurn } = scene();
      const order: string[] = [];
      const begin = (): void => {
        setImmediate(() => order.push("next turn"));
        // The first leaves at once, since it may be alone.
        writeInOneTurn(2);
        socket.onFlush = () => order.push("sent");
        void (async () => {
          for (const step of ["one", "two", "three"]) {
            await Promise.resolve();
            order.push(step);
          }
        })();
      };
      if (from === "an event") setImmediate(begin);
      else void Promise.resolve().then(begin);
      await promisesSettled();
      await promisesSettled();
      expect(order).toEqual(["one", "two", "three", "sent", "next turn"]);
    },
  );

  test("has sent a message that the socket took", () => {
    expect(scene().publish()).toBe("sent");
  });

  test("has sent what waits in the socket when that has drained, time and again", async () => {
    const { socket, publish } = scene();
    for (let round = 1; round <= 2; round += 1) {
      socket.isStuck = true;
      const outcomes = Array.from({ length: 300 }, async () => publish());
      const first = outcomeOf(Promise.resolve(outcomes[0]));
      await promisesSettled();
      expect(first).toEqual({});
      socket.drain();
      expect(new Set(await Promise.all(outcomes))).toEqual(new Set(["sent"]));
    }
  });

  test("writes acknowledgements as they are, whatever waits", () => {
    const { socket, writer } = scene();
    for (const type of [4, 5, 6, 7]) writer.writeAcknowledgement(type, 0x0102);
    expect(socket.written.map((bytes) => [...bytes])).toEqual([
      [0x40, 2, 1, 2],
      [0x50, 2, 1, 2],
      [0x62, 2, 1, 2],
      [0x70, 2, 1, 2],
    ]);
  });
});

describe("a socket that takes nothing", () => {
  /** A writer whose socket is full to the brim. */
  const fullScene = () => {
    const all = scene();
    all.socket.isStuck = true;
    while (!all.writer.isFull) void outcomeOf(all.publish({ payload: "x".repeat(100_000) }));
    all.socket.written.length = 0;
    return all;
  };

  test("holds a megabyte and the message that passed it, and no more", () => {
    const { socket, publish } = fullScene();
    for (let count = 0; count < 2_000; count += 1) {
      void outcomeOf(publish({ payload: "x".repeat(10_000) }));
    }
    expect(socket.written).toEqual([]);
    expect(socket.writableLength).toBeLessThan(1.2 * 1024 * 1024);
  });

  test("gets what waits in the order in which it came, as soon as it takes it", async () => {
    const { socket, publish, rooms } = fullScene();
    const outcomes = ["1", "2", "3"].map(async (payload) => publish({ payload }));
    socket.drain();
    expect(await Promise.all(outcomes)).toEqual(["sent", "sent", "sent"]);
    expect(socket.payloads).toEqual(["1", "2", "3"]);
    expect(rooms).toEqual(["room"]);
  });

  test("never gets what nobody waits for any more", async () => {
    const { socket, writer } = fullScene();
    const clock = new ManualClock();
    const controller = new AbortController();
    const [late, stopped, wanted] = (
      [
        ["late", endsIn(10, { clock })],
        ["stopped", endsIn(99, { clock, signal: controller.signal })],
        ["wanted", endsIn(99, { clock })],
      ] as const
    ).map(([payload, deadline]) =>
      outcomeOf(Promise.resolve(writer.publish({ message: message({ payload }), deadline }))),
    );
    controller.abort(new Error("stopped"));
    await clock.advance(10);
    expect(late?.error).toEqual(new Error("too late"));
    expect(stopped?.error).toEqual(new Error("stopped"));
    socket.drain();
    await promisesSettled();
    expect(wanted?.value).toBe("sent");
    expect(socket.payloads).toEqual(["wanted"]);
    expect(clock.timerCount).toBe(0);
  });

  test("gets a message with the time that is left when it takes it", async () => {
    const { socket, writer } = fullScene();
    const clock = new ManualClock();
    const deadline = endsIn(5_000, { clock });
    const publish = writer.publish({ message: message({ expires: true }), deadline });
    await clock.advance(2_500);
    socket.drain();
    await publish;
    const [packet] = socket.written.flatMap((bytes) => new PacketReader().read(bytes));
    expect(packet && readPublish(packet, 5).expirySeconds).toBe(3);
  });

  test("fails all that waits when the link ends", async () => {
    const { writer, publish, socket } = fullScene();
    const outcome = outcomeOf(Promise.resolve(publish()));
    writer.end(new Error("lost"));
    await promisesSettled();
    expect(outcome.error).toEqual(new Error("lost"));
    socket.drain();
    expect(socket.written).toEqual([]);
  });
});
