import { describe, expect, test, vi } from "vitest";
import type { PacketStream } from "../../src/transport/packet-writer.ts";
import { PacketWriter } from "../../src/transport/packet-writer.ts";
import type { OutgoingMessage } from "../../src/transport/transport.ts";
import { promisesSettled } from "../runtime/manual-clock.ts";

/** A socket that counts what reaches the system, and is full when the test says so. */
class CountingStream implements PacketStream {
  isFull = false;
  /** Packets that reached the system, and in how many calls. */
  packets = 0;
  systemCalls = 0;
  #corks = 0;
  #held = 0;
  readonly #drains: (() => void)[] = [];

  write(): boolean {
    this.#held += 1;
    this.#flush();
    return !this.isFull;
  }

  cork(): void {
    this.#corks += 1;
  }

  uncork(): void {
    this.#corks -= 1;
    if (this.#corks < 0) throw new Error("uncorked more often than corked");
    this.#flush();
  }

  once(_event: "drain", listener: () => void): void {
    this.#drains.push(listener);
  }

  destroy(): void {}

  get drainListeners(): number {
    return this.#drains.length;
  }

  drain(): void {
    for (const listener of this.#drains.splice(0)) listener();
  }

  #flush(): void {
    if (this.#corks > 0 || this.#held === 0) return;
    this.packets += this.#held;
    this.systemCalls += 1;
    this.#held = 0;
  }
}

const MESSAGE: OutgoingMessage = { topic: "a", payload: "{}", qos: 0, retain: false };

const scene = () => {
  const stream = new CountingStream();
  const writer = new PacketWriter(stream, 5);
  const writeInOneTurn = (count: number): void => {
    for (let written = 0; written < count; written += 1) void writer.write(MESSAGE);
  };
  return { stream, writer, writeInOneTurn };
};

describe("PacketWriter", () => {
  test("sends the messages of one turn in two system calls at most", async () => {
    const { stream, writeInOneTurn } = scene();
    for (let turn = 1; turn <= 5; turn += 1) {
      writeInOneTurn(100);
      await promisesSettled();
      expect(stream.packets).toBe(100 * turn);
      expect(stream.systemCalls).toBeLessThanOrEqual(2 * turn);
    }
  });

  test.each([
    ["one message a turn", [1, 1, 1, 1]],
    ["many messages a turn", [9, 9, 9, 9]],
    ["few after many", [9, 1, 9, 1, 1, 2]],
  ])("holds none back when the turn has ended: %s", async (_what, turns) => {
    const { stream, writeInOneTurn } = scene();
    let written = 0;
    for (const count of turns) {
      writeInOneTurn(count);
      written += count;
      await promisesSettled();
      expect(stream.packets).toBe(written);
    }
  });

  test("holds none back where there is no process, as in browsers", async () => {
    vi.stubGlobal("process", undefined);
    const { stream, writeInOneTurn } = scene();
    for (const count of [1, 9, 1]) {
      writeInOneTurn(count);
      await promisesSettled();
    }
    expect(stream.packets).toBe(11);
  });

  test("asks for no wait while the socket has room", () => {
    const { writer } = scene();
    expect(writer.write(MESSAGE)).toBeUndefined();
  });

  test("has all wait for room with one listener", async () => {
    const { stream, writer } = scene();
    stream.isFull = true;
    const waits = Array.from({ length: 3_000 }, () => writer.write(MESSAGE));
    expect(waits).not.toContain(undefined);
    expect(stream.drainListeners).toBe(1);
    stream.drain();
    for (const wait of waits) await expect(wait).resolves.toBeUndefined();
  });

  test("waits anew when the socket is full again", async () => {
    const { stream, writer } = scene();
    stream.isFull = true;
    const first = writer.write(MESSAGE);
    stream.drain();
    await first;
    const second = writer.write(MESSAGE);
    expect(stream.drainListeners).toBe(1);
    stream.drain();
    await expect(second).resolves.toBeUndefined();
  });
});
