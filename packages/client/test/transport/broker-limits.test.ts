import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { refusalCode } from "../../src/transport/broker-limits.ts";
import { PublishEncoder } from "../../src/transport/publish-encoder.ts";
import type { OutgoingMessage } from "../../src/transport/transport.ts";

const message = (more: Partial<OutgoingMessage> = {}): OutgoingMessage => ({
  topic: "a/b",
  payload: "{}",
  qos: 0,
  retain: false,
  ...more,
});

describe("refusalCode", () => {
  test("lets everything pass for a broker that rules out nothing", () => {
    expect(refusalCode(message({ qos: 2, retain: true, payload: "€".repeat(1_000_000) }), {})).toBe(
      undefined,
    );
  });

  test("refuses what no packet can hold, whatever the broker says", () => {
    const payload = "x".repeat(268_435_460);
    expect(refusalCode(message({ payload }), {})).toBe(149);
  });

  test.each([
    [{ maximumQoS: 0 }, message({ qos: 1 }), 155],
    [{ maximumQoS: 1 }, message({ qos: 2 }), 155],
    [{ maximumQoS: 1 }, message({ qos: 1 }), undefined],
    [{ maximumQoS: 2 }, message({ qos: 2 }), undefined],
    [{ retainAvailable: false }, message({ retain: true }), 154],
    [{ retainAvailable: false }, message(), undefined],
    [{ retainAvailable: true }, message({ retain: true }), undefined],
  ])("with %j for %j is %s", (limits, outgoing, code) => {
    expect(refusalCode(outgoing, limits)).toBe(code);
  });

  test("counts all texts of a message, in bytes", () => {
    const text = "€".repeat(30);
    const limits = { maximumPacketSize: 400 };
    expect(refusalCode(message({ payload: text, topic: text }), limits)).toBeUndefined();
    const full = { payload: text, topic: text, responseTopic: text, correlationData: text };
    expect(refusalCode(message(full), limits)).toBe(149);
  });

  test("lets no message pass whose packet is larger than the broker takes", () => {
    const anyText = fc.tuple(fc.constantFrom("a", "é", "€", "😀"), fc.nat(200));
    const anyMessage = fc.record({ topic: anyText, payload: anyText, responseTopic: anyText });
    fc.assert(
      fc.property(anyMessage, fc.integer({ min: 1, max: 2_000 }), (texts, maximumPacketSize) => {
        const [topic = "", payload = "", responseTopic = ""] = Object.values(texts).map(
          ([unit, count]) => unit.repeat(count),
        );
        const outgoing = message({ topic, payload, responseTopic, expires: true });
        const size = new PublishEncoder(5).encode(outgoing).byteLength;
        if (refusalCode(outgoing, { maximumPacketSize }) === undefined) {
          expect(size).toBeLessThanOrEqual(maximumPacketSize);
        }
      }),
    );
  });
});
