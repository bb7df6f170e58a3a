import { describe, expect, test } from "vitest";
import { IncomingPublishes, RECEIVE_MAXIMUM } from "../../src/transport/incoming-publishes.ts";
import { ProtocolFault } from "../../src/transport/packet-frames.ts";

const scene = () => {
  const log: string[] = [];
  const incoming = new IncomingPublishes((type, id) => log.push(`${String(type)} ${String(id)}`));
  const take = (qos: 1 | 2, messageId: number): void => {
    const payload = new Uint8Array();
    const message = { topic: "a", payload, qos, retain: false, duplicate: false };
    incoming.take({ message, messageId }, () => log.push("delivered"));
  };
  return { log, incoming, take };
};

describe("IncomingPublishes", () => {
  test("acknowledges QoS 1 behind the delivery", () => {
    const { log, take } = scene();
    take(1, 7);
    expect(log).toEqual(["delivered", "4 7"]);
  });

  test("delivers QoS 2 once until it is released, and acknowledges every copy", () => {
    const { log, take, incoming } = scene();
    take(2, 7);
    take(2, 7);
    incoming.release(7);
    take(2, 7);
    expect(log).toEqual(["delivered", "5 7", "5 7", "7 7", "delivered", "5 7"]);
  });

  test("confirms a release that it does not know: the first confirmation may have been lost", () => {
    const { log, incoming } = scene();
    incoming.release(9);
    expect(log).toEqual(["7 9"]);
  });

  test("keeps to the receive maximum that was announced", () => {
    const { take, incoming } = scene();
    for (let id = 1; id <= RECEIVE_MAXIMUM; id += 1) take(2, id);
    const next = RECEIVE_MAXIMUM + 1;
    expect(() => {
      take(2, next);
    }).toThrow(expect.objectContaining({ reasonCode: 0x93 }));
    expect(() => {
      take(2, next);
    }).toThrow(ProtocolFault);
    incoming.release(1);
    take(2, next);
  });
});
