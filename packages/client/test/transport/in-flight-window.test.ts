import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InFlightWindow } from "../../src/transport/in-flight-window.ts";
import type { ControlPacket } from "../../src/transport/control-packet.ts";
import { ProtocolFault } from "../../src/transport/packet-frames.ts";
import { NO_PROPERTIES } from "../../src/transport/packet-properties.ts";
import type { PublishOutcome, QoS } from "../../src/transport/transport.ts";
import { outcomeOf } from "../connection/connection-scene.ts";
import { ManualClock, promisesSettled } from "../runtime/manual-clock.ts";
import { endsIn } from "./ends-in.ts";
import { PacketType } from "./packets.ts";

const { PUBACK, PUBREC, PUBCOMP } = PacketType;

const scene = (size: number) => {
  const sent: string[] = [];
  const released: number[] = [];
  const freeIds = new Set<number>();
  let lastId = 0;
  const socket = { isFull: false };
  const window = new InFlightWindow(size, {
    ids: {
      allocate: () => {
        const [free = (lastId += 1)] = freeIds;
        freeIds.delete(free);
        return free;
      },
      deallocate: (id) => freeIds.add(id),
    },
    canSend: () => !socket.isFull,
    send: ({ message }) => void sent.push(String(message.payload)),
    release: (id) => void released.push(id),
    refusal: (topic, { reasonCode }) => new Error(`${topic} refused: ${String(reasonCode)}`),
  });
  const publish = (
    payload: string,
    deadline?: ReturnType<typeof endsIn>,
    qos: QoS = 1,
  ): Promise<PublishOutcome> =>
    window.publish({ message: { topic: "t", payload, qos, retain: false }, deadline });
  const acknowledge = (messageId: number, more: Partial<ControlPacket> = {}): void => {
    window.acknowledge({
      type: PUBACK,
      messageId,
      reasonCode: 0,
      properties: NO_PROPERTIES,
      ...more,
    });
  };
  return { window, sent, released, freeIds, socket, publish, acknowledge };
};

describe("InFlightWindow", () => {
  test("sends at once while there is room, and in order afterwards", () => {
    const { publish, acknowledge, sent } = scene(2);
    for (const name of ["a", "b", "c", "d"]) void publish(name);
    expect(sent).toEqual(["a", "b"]);
    acknowledge(1);
    expect(sent).toEqual(["a", "b", "c"]);
    acknowledge(2);
    expect(sent).toEqual(["a", "b", "c", "d"]);
  });

  test("has room again once everything is acknowledged", async () => {
    const { publish, acknowledge, sent } = scene(1);
    const first = publish("a");
    acknowledge(1);
    expect(await first).toBe("delivered");
    void publish("b");
    void publish("c");
    expect(sent).toEqual(["a", "b"]);
  });

  test("has room again when the broker refused a publish", async () => {
    const { publish, acknowledge, sent, freeIds } = scene(1);
    const first = publish("a");
    void publish("b");
    acknowledge(1, { reasonCode: 0x87 });
    await expect(first).rejects.toThrow("t refused: 135");
    expect(sent).toEqual(["a", "b"]);
    acknowledge(1);
    expect(freeIds.size).toBe(1);
  });

  test("has room again when the broker refused a publish with QoS 2", async () => {
    const { publish, acknowledge, sent, released } = scene(1);
    const first = publish("a", undefined, 2);
    void publish("b", undefined, 2);
    acknowledge(1, { type: PUBREC, reasonCode: 0x97 });
    await expect(first).rejects.toThrow("t refused: 151");
    expect(sent).toEqual(["a", "b"]);
    expect(released).toEqual([]);
  });

  test("waits with QoS 2 for the confirmation of the release", async () => {
    const { publish, acknowledge, sent, released } = scene(1);
    const first = outcomeOf(publish("a", undefined, 2));
    void publish("b");
    acknowledge(1, { type: PUBREC, reasonCode: 0x10 });
    await promisesSettled();
    expect(first).toEqual({});
    expect(released).toEqual([1]);
    expect(sent).toEqual(["a"]);
    acknowledge(1, { type: PUBCOMP });
    await promisesSettled();
    expect(first).toEqual({ value: "no-subscribers" });
    expect(sent).toEqual(["a", "b"]);
  });

  test("finds fault with an acknowledgement of the wrong kind", () => {
    const { publish, acknowledge } = scene(2);
    void publish("a", undefined, 1);
    void publish("b", undefined, 2);
    expect(() => {
      acknowledge(1, { type: PUBREC });
    }).toThrow(ProtocolFault);
    expect(() => {
      acknowledge(2);
    }).toThrow(ProtocolFault);
  });

  test("ignores an acknowledgement of what is not under way", () => {
    const { publish, acknowledge, sent } = scene(1);
    void publish("a");
    void publish("b");
    acknowledge(77);
    expect(sent).toEqual(["a"]);
  });

  test("keeps within its size and in order, and forgets none, whatever happens", () => {
    const anyRun = fc.record({
      size: fc.integer({ min: 1, max: 5 }),
      steps: fc.array(fc.constantFrom("enter", "release"), { maxLength: 60 }),
    });
    fc.assert(
      fc.property(anyRun, ({ size, steps }) => {
        const { publish, acknowledge, sent, freeIds } = scene(size);
        let entered = 0;
        let released = 0;
        for (const step of steps) {
          if (step === "enter") {
            void publish(String(entered));
            entered += 1;
          } else if (released < sent.length) {
            released += 1;
            // Identifiers are used again: one that is not free is under way.
            acknowledge([1, 2, 3, 4, 5].find((id) => !freeIds.has(id) && id <= size) ?? 0);
          }
          expect(sent.length).toBe(Math.min(entered, released + size));
        }
        expect(sent).toEqual(sent.map((_, index) => String(index)));
      }),
    );
  });
});

describe("a publish that waits for room", () => {
  test("is never sent once its deadline has passed, and neither once its signal aborted", async () => {
    const { publish, acknowledge, sent } = scene(1);
    const clock = new ManualClock();
    const controller = new AbortController();
    void publish("a");
    const late = outcomeOf(publish("late", endsIn(10, { clock })));
    const stopped = outcomeOf(publish("stopped", endsIn(99, { clock, signal: controller.signal })));
    void publish("b");
    controller.abort(new Error("stopped"));
    await clock.advance(10);
    expect([late.error, stopped.error]).toEqual([new Error("too late"), new Error("stopped")]);
    acknowledge(1);
    expect(sent).toEqual(["a", "b"]);
    expect(clock.timerCount).toBe(0);
  });

  test("is not sent when its deadline has passed and its timer is late", async () => {
    const { publish, acknowledge, sent } = scene(1);
    const clock = new ManualClock();
    void publish("a");
    const late = publish("late", endsIn(10, { clock }));
    void publish("b");
    late.catch(() => undefined);
    clock.skip(10);
    acknowledge(1);
    expect(sent).toEqual(["a", "b"]);
    await clock.advance(0);
    await expect(late).rejects.toThrow("too late");
  });

  test("keeps its place to others when it is given up while it is under way", async () => {
    const { publish, acknowledge, sent } = scene(1);
    const clock = new ManualClock();
    const late = outcomeOf(publish("a", endsIn(10, { clock })));
    void publish("b");
    await clock.advance(10);
    expect(late.error).toEqual(new Error("too late"));
    expect(sent).toEqual(["a"]);
    acknowledge(1);
    expect(sent).toEqual(["a", "b"]);
  });

  test("waits for a full socket, too", () => {
    const { window, publish, socket, sent } = scene(1);
    socket.isFull = true;
    void publish("a");
    expect(sent).toEqual([]);
    socket.isFull = false;
    window.fill();
    expect(sent).toEqual(["a"]);
  });

  test("costs no more the more there are: 60,000 end at once", async () => {
    const { window, publish } = scene(20);
    const outcomes = Array.from({ length: 60_000 }, async (_, at) => publish(String(at)));
    const settled = Promise.allSettled(outcomes);
    const start = performance.now();
    window.end(new Error("lost"));
    expect(performance.now() - start).toBeLessThan(1_000);
    expect(new Set((await settled).map(({ status }) => status))).toEqual(new Set(["rejected"]));
  });
});

describe("the end of a window", () => {
  test("fails what waits at once, and lets what is under way be acknowledged", async () => {
    const { window, publish, acknowledge, sent } = scene(1);
    const log: string[] = [];
    const [first, second] = [outcomeOf(publish("a")), outcomeOf(publish("b"))];
    window.drain(new Error("closed"), () => log.push("idle"));
    const third = outcomeOf(publish("c"));
    await promisesSettled();
    expect(second.error).toEqual(new Error("closed"));
    expect(third.error).toEqual(new Error("closed"));
    expect(log).toEqual([]);
    acknowledge(1);
    await promisesSettled();
    expect(first.value).toBe("delivered");
    expect(log).toEqual(["idle"]);
    expect(sent).toEqual(["a"]);
  });
});

describe("the oldest publish", () => {
  test("is the one whose acknowledgement is due for longest", () => {
    const { window, publish, acknowledge } = scene(2);
    expect(window.oldest).toBeUndefined();
    void publish("a");
    void publish("b");
    const first = window.oldest;
    acknowledge(2);
    expect(window.oldest).toBe(first);
    acknowledge(1);
    expect(window.oldest).toBeUndefined();
  });

  test("is another one once PUBREC has come and PUBCOMP is due", () => {
    const { window, publish, acknowledge } = scene(2);
    void publish("a", undefined, 2);
    void publish("b", undefined, 2);
    const first = window.oldest;
    acknowledge(1, { type: PUBREC });
    const second = window.oldest;
    acknowledge(2, { type: PUBREC });
    expect(new Set([first, second, window.oldest]).size).toBe(3);
    acknowledge(1, { type: PUBCOMP });
    acknowledge(2, { type: PUBCOMP });
    expect(window.oldest).toBeUndefined();
  });

  test("is no more one that left the queue unsent", async () => {
    const clock = new ManualClock();
    const { window, publish, acknowledge } = scene(1);
    void publish("a");
    const withdrawn = outcomeOf(publish("b", endsIn(50, { clock })));
    await clock.advance(50);
    expect(withdrawn).toHaveProperty("error");
    acknowledge(1);
    expect(window.oldest).toBeUndefined();
  });
});
