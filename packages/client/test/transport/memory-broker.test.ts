import { describe, expect, test } from "vitest";
import { ConnectionFailedError } from "../../src/errors/connection-failed-error.ts";
import { LinkLostError } from "../../src/errors/connection-errors.ts";
import { MemoryBroker } from "../../src/testing.ts";
import type {
  DialRequest,
  IncomingMessage,
  Link,
  OutgoingMessage,
  QoS,
} from "../../src/transport/transport.ts";
import { promisesSettled } from "../runtime/manual-clock.ts";
import { dialRequest } from "./dialled-link.ts";
import { endsIn } from "./ends-in.ts";
import { rejectionsOf } from "./soon.ts";

interface Visitor {
  readonly link: Link;
  readonly messages: readonly IncomingMessage[];
  readonly losses: readonly Error[];
}

/** Connects to a memory broker. */
const visit = async (
  broker: MemoryBroker,
  request: Partial<DialRequest> = {},
): Promise<Visitor> => {
  const messages: IncomingMessage[] = [];
  const losses: Error[] = [];
  const link = await broker.connection.transport.dial(
    dialRequest("mqtt://memory:1883", {
      onMessage: (message) => void messages.push(message),
      onLost: (cause) => void losses.push(cause),
      ...request,
    }),
  );
  return { link, messages, losses };
};

const message = (topic: string, qos: QoS = 0): OutgoingMessage => ({
  topic,
  payload: `to ${topic}`,
  qos,
  retain: false,
});

const topicsOf = ({ messages }: Visitor): readonly string[] => messages.map(({ topic }) => topic);

describe("a memory broker", () => {
  test("brings a message to whoever is subscribed, its sender too", async () => {
    const broker = new MemoryBroker();
    const visitors = [await visit(broker), await visit(broker), await visit(broker)];
    const [first, second, third] = visitors;
    await first?.link.subscribe([{ filter: "a/+", qos: 0 }]);
    await second?.link.subscribe([{ filter: "#", qos: 0 }]);
    await third?.link.subscribe([{ filter: "b", qos: 0 }]);
    await first?.link.publish(message("a/b"));
    await promisesSettled();
    expect(visitors.map(topicsOf)).toEqual([["a/b"], ["a/b"], []]);
  });

  test("brings it once, however many filters match, at the highest QoS of them", async () => {
    const broker = new MemoryBroker();
    const { link, messages } = await visit(broker);
    await link.subscribe([
      { filter: "a", qos: 0 },
      { filter: "#", qos: 1 },
    ]);
    await link.publish(message("a", 2));
    await promisesSettled();
    expect(messages).toMatchObject([{ topic: "a", qos: 1 }]);
  });

  test("lowers the QoS to what was granted, and never raises it", async () => {
    const broker = new MemoryBroker();
    const { link, messages } = await visit(broker);
    await link.subscribe([{ filter: "a", qos: 1 }]);
    for (const qos of [0, 1, 2] as const) await link.publish(message("a", qos));
    await promisesSettled();
    expect(messages.map(({ qos }) => qos)).toEqual([0, 1, 1]);
  });

  test("brings nothing before the sender's call has returned", async () => {
    const broker = new MemoryBroker();
    const { link, messages } = await visit(broker);
    await link.subscribe([{ filter: "a", qos: 0 }]);
    broker.publish({ topic: "a", payload: "now" });
    expect(messages).toEqual([]);
    await promisesSettled();
    expect(messages).toHaveLength(1);
  });

  test("carries bytes of any kind, and the mark of a redelivery", async () => {
    const broker = new MemoryBroker();
    const { link, messages } = await visit(broker);
    await link.subscribe([{ filter: "a", qos: 0 }]);
    broker.publish({ topic: "a", payload: Uint8Array.of(0xff), duplicate: true });
    await promisesSettled();
    expect(messages).toEqual([
      { topic: "a", payload: Uint8Array.of(0xff), qos: 0, retain: false, duplicate: true },
    ]);
  });

  test("stops at unsubscribe", async () => {
    const broker = new MemoryBroker();
    const visitor = await visit(broker);
    await visitor.link.subscribe([
      { filter: "a", qos: 0 },
      { filter: "b", qos: 0 },
    ]);
    await visitor.link.unsubscribe(["a"]);
    for (const topic of ["a", "b"]) await visitor.link.publish(message(topic));
    await promisesSettled();
    expect(topicsOf(visitor)).toEqual(["b"]);
  });

  test.each([
    [5, "no-subscribers"],
    [4, "delivered"],
  ] as const)("tells level %i of a publish without subscribers: %s", async (level, outcome) => {
    const { link } = await visit(new MemoryBroker(), { protocolLevel: level });
    expect(await link.publish(message("a", 1))).toBe(outcome);
    expect(await link.publish(message("a", 2))).toBe(outcome);
    expect(await link.publish(message("a", 0))).toBe("sent");
    await link.subscribe([{ filter: "a", qos: 0 }]);
    expect(await link.publish(message("a", 1))).toBe("delivered");
  });

  test("speaks MQTT 5 unless asked otherwise", async () => {
    const broker = new MemoryBroker();
    const levels = (["auto", 5, 4] as const).map(async (protocolLevel) => {
      const { link } = await visit(broker, { protocolLevel });
      return link.protocolLevel;
    });
    expect(await Promise.all(levels)).toEqual([5, 5, 4]);
  });
});

describe("the options of a memory broker", () => {
  test("may not hold a name that there is not: a misspelt rule would let everybody in", () => {
    const options: object = { authorise: () => false };
    expect(() => new MemoryBroker(options)).toThrow(
      'there is no option "authorise"; expected one of authenticate, allow, authorizeSubscribe',
    );
  });
});

describe("what a memory broker retains", () => {
  test("comes to later subscribers, marked, at the lower QoS of the two", async () => {
    const broker = new MemoryBroker();
    broker.publish({ topic: "a", payload: "kept", retain: true, qos: 1 });
    broker.publish({ topic: "b", payload: "kept", retain: true });
    const { link, messages } = await visit(broker);
    await link.subscribe([{ filter: "#", qos: 2 }]);
    await promisesSettled();
    expect(messages.map(({ topic, qos, retain }) => [topic, qos, retain])).toEqual([
      ["a", 1, true],
      ["b", 0, true],
    ]);
  });

  test("is replaced by the next, and cleared by an empty payload", async () => {
    const broker = new MemoryBroker();
    broker.publish({ topic: "a", payload: "old", retain: true });
    broker.publish({ topic: "a", payload: "new", retain: true });
    broker.publish({ topic: "b", payload: "old", retain: true });
    broker.publish({ topic: "b", payload: "", retain: true });
    const { link, messages } = await visit(broker);
    await link.subscribe([{ filter: "#", qos: 0 }]);
    await promisesSettled();
    expect(messages.map(({ payload }) => new TextDecoder().decode(payload))).toEqual(["new"]);
  });

  test("comes unmarked to those who were there before", async () => {
    const broker = new MemoryBroker();
    const { link, messages } = await visit(broker);
    await link.subscribe([{ filter: "a", qos: 0 }]);
    broker.publish({ topic: "a", payload: "kept", retain: true });
    await promisesSettled();
    expect(messages).toMatchObject([{ retain: false }]);
  });
});

describe("a memory broker that refuses", () => {
  test.each([
    [5, 134],
    [4, 4],
  ] as const)("credentials says so to level %i by %i", async (protocolLevel, reasonCode) => {
    const broker = new MemoryBroker({ authenticate: ({ password }) => password === "right" });
    const refused = visit(broker, { protocolLevel, username: "user", password: "wrong" });
    await expect(refused).rejects.toBeInstanceOf(ConnectionFailedError);
    await expect(refused).rejects.toMatchObject({ reasonCode });
    await visit(broker, { username: "user", password: "right" });
    expect(broker.clientCount).toBe(1);
  });

  test("may think about it first, and admits nobody once it is stopped", async () => {
    const decision: { admit?: () => void } = {};
    const broker = new MemoryBroker({
      authenticate: () =>
        new Promise((resolve) => {
          decision.admit = () => resolve(true);
        }),
    });
    const refused = visit(broker);
    broker.stop();
    decision.admit?.();
    await expect(refused).rejects.toBeInstanceOf(ConnectionFailedError);
    expect(broker.clientCount).toBe(0);
  });

  test("forgets a client that gave up meanwhile", async () => {
    const decision: { admit?: () => void } = {};
    const broker = new MemoryBroker({
      authenticate: () =>
        new Promise((resolve) => {
          decision.admit = () => resolve(true);
        }),
    });
    const controller = new AbortController();
    const refused = visit(broker, { signal: controller.signal });
    controller.abort(new Error("stopped"));
    decision.admit?.();
    await expect(refused).rejects.toThrow("stopped");
    expect(broker.clientCount).toBe(0);
  });

  test.each([
    [5, 135],
    [4, 128],
  ] as const)("a subscription says so to level %i by %i", async (protocolLevel, reasonCode) => {
    // oxlint-disable-next-line typescript/no-deprecated -- it works for those who set it
    const broker = new MemoryBroker({ authorizeSubscribe: (_id, filter) => filter !== "secret" });
    const visitor = await visit(broker, { protocolLevel });
    const results = await visitor.link.subscribe([
      { filter: "secret", qos: 0 },
      { filter: "open", qos: 2 },
    ]);
    expect(results).toEqual([
      { filter: "secret", granted: undefined, reasonCode },
      { filter: "open", granted: 2, reasonCode: 2 },
    ]);
    await visitor.link.publish(message("secret"));
    await promisesSettled();
    expect(topicsOf(visitor)).toEqual([]);
  });
});

describe("a link to a memory broker", () => {
  test("shows in its activity that something came, and is alive when it is probed", async () => {
    const { link } = await visit(new MemoryBroker());
    const steps = [
      () => link.subscribe([{ filter: "a", qos: 0 }]),
      () => link.publish(message("a")),
      async () => {
        link.probe();
      },
    ];
    for (const step of steps) {
      const before = link.activity;
      await step();
      expect(link.activity).toBeGreaterThan(before);
    }
  });

  test("is lost when it is aborted, with the cause given, and told once", async () => {
    const visitor = await visit(new MemoryBroker());
    const cause = new Error("silent");
    visitor.link.abort(cause);
    visitor.link.abort(new Error("again"));
    expect(visitor.losses).toEqual([expect.any(LinkLostError)]);
    expect(visitor.losses[0]?.cause).toBe(cause);
  });

  test("sends nothing that nobody waits for any more", async () => {
    const visitor = await visit(new MemoryBroker());
    await visitor.link.subscribe([{ filter: "a", qos: 0 }]);
    const late = async () => visitor.link.publish(message("a"), endsIn(0));
    await expect(late()).rejects.toThrow("too late");
    await promisesSettled();
    expect(visitor.messages).toEqual([]);
  });

  test("that is closed ends at once, without being told of as lost", async () => {
    const broker = new MemoryBroker();
    const { link, losses } = await visit(broker);
    await link.subscribe([{ filter: "a", qos: 0 }]);
    await link.close();
    await link.close();
    expect(broker.clientCount).toBe(0);
    expect(broker.publish({ topic: "a", payload: "", qos: 1 })).toBe("no-subscribers");
    await expect(link.publish(message("a"))).rejects.toBeInstanceOf(LinkLostError);
    expect(losses).toEqual([]);
  });

  test("that is cut fails its calls, and is told of once", async () => {
    const broker = new MemoryBroker();
    const { link, losses } = await visit(broker);
    const rejections = rejectionsOf([
      link.publish(message("a", 1)),
      link.subscribe([{ filter: "a", qos: 0 }]),
      link.unsubscribe(["a"]),
    ]);
    broker.dropConnections();
    broker.dropConnections();
    for (const error of await rejections) expect(error).toBeInstanceOf(LinkLostError);
    expect(losses).toHaveLength(1);
    expect(losses[0]).toBeInstanceOf(LinkLostError);
  });

  test("that is cut gets no message that was on its way", async () => {
    const broker = new MemoryBroker();
    const { link, messages } = await visit(broker);
    await link.subscribe([{ filter: "a", qos: 0 }]);
    broker.publish({ topic: "a", payload: "too late" });
    broker.dropConnections();
    await promisesSettled();
    expect(messages).toEqual([]);
  });

  test("is taken over by another client of the same name", async () => {
    const broker = new MemoryBroker();
    const first = await visit(broker, { clientId: "device" });
    const second = await visit(broker, { clientId: "device" });
    expect(String(first.losses[0])).toContain("same identifier");
    expect(second.losses).toEqual([]);
    expect(broker.clientCount).toBe(1);
  });

  test("ends when the broker stops, and can be opened again when it starts", async () => {
    const broker = new MemoryBroker();
    const { losses } = await visit(broker);
    broker.stop();
    expect(losses).toHaveLength(1);
    await expect(visit(broker)).rejects.toBeInstanceOf(ConnectionFailedError);
    broker.start();
    await visit(broker);
    expect(broker.clientCount).toBe(1);
  });
});
