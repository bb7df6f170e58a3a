import { describe, expect, test } from "vitest";
import { callWith, exchangeScene, response, within } from "./exchange-scene.ts";
import { RequestInFlight } from "../../src/exchange/request-in-flight.ts";

const RIGHT_TOPIC = "gf_int_v1/axuv/response/device/box";

/** An exchange, with a way to send a request and to claim it. */
const scene = () => {
  const { clock, exchange } = exchangeScene();
  const add = (requestId: string): void => {
    exchange.send(callWith(within(clock), { requestId })).catch(() => undefined);
  };
  const claim = (requestId: string, topic = RIGHT_TOPIC): RequestInFlight => {
    const claimed = exchange.claim(requestId, topic);
    if (claimed instanceof RequestInFlight) return claimed;
    throw new Error(`${requestId} was not claimed: ${claimed}`);
  };
  return { clock, exchange, add, claim };
};

describe("a response", () => {
  test("claims the request with its id, from the device that was asked", () => {
    const { add, claim } = scene();
    add("id-1");
    add("id-2");
    const request = claim("id-1");
    expect(request.call.requestId).toBe("id-1");
    expect(request.isClaimed).toBe(true);
  });

  test("claims a request on any topic of that device", () => {
    const { add, claim } = scene();
    add("id-1");
    expect(claim("id-1", "gf_int_v1/axuv/response/device/id-1").call.requestId).toBe("id-1");
  });

  test.each([
    ["another device", "gf_int_v1/axuv/response/other/box"],
    ["another subsystem", "gf_int_v1/other/response/device/box"],
    ["another namespace", "other/axuv/response/device/box"],
    ["another type of topic", "gf_int_v1/axuv/request/device/box"],
    ["a topic of another form", "events/axuv"],
  ])("is unsolicited from %s, and claims nothing", (_where, topic) => {
    const { exchange, add, claim } = scene();
    add("id-1");
    expect(exchange.claim("id-1", topic)).toBe("unsolicited");
    expect(claim("id-1").call.requestId).toBe("id-1");
  });

  test("is unsolicited with an id that nobody asked with", () => {
    const { exchange, add } = scene();
    add("id-1");
    expect(exchange.claim("id-2", RIGHT_TOPIC)).toBe("unsolicited");
  });

  test("is a duplicate while the first is on its way through the handlers, and afterwards", () => {
    const { exchange, add, claim } = scene();
    add("id-1");
    const request = claim("id-1");
    expect(exchange.claim("id-1", RIGHT_TOPIC)).toBe("duplicate");
    request.succeed(response());
    expect(exchange.claim("id-1", RIGHT_TOPIC)).toBe("duplicate");
  });

  test("is late when its request has given up", async () => {
    const { clock, exchange, add } = scene();
    add("id-1");
    await clock.advance(1_000);
    expect(exchange.claim("id-1", RIGHT_TOPIC)).toBe("late");
    expect(exchange.claim("id-1", RIGHT_TOPIC)).toBe("late");
  });
});

describe("requests in flight", () => {
  test("are counted until they end, those that are claimed included", () => {
    const { exchange, add, claim } = scene();
    add("id-1");
    add("id-2");
    const first = claim("id-1");
    expect(exchange.size).toBe(2);
    first.succeed(response());
    expect(exchange.size).toBe(1);
  });

  test("can be ended all at once", () => {
    const { exchange, add } = scene();
    for (const id of ["id-1", "id-2", "id-3"]) add(id);
    exchange.rejectAll(() => new Error("closed"));
    expect(exchange.size).toBe(0);
  });

  test("may use an id again that has ended", () => {
    const { exchange, add, claim } = scene();
    add("id-1");
    exchange.rejectAll(() => new Error("given up"));
    add("id-1");
    expect(claim("id-1").call.requestId).toBe("id-1");
  });

  test("that ended last are remembered, and the others are forgotten", () => {
    const { exchange, add } = scene();
    for (let number = 0; number < 10_000; number += 1) {
      add(`id-${String(number)}`);
      exchange.rejectAll(() => new Error("given up"));
    }
    expect(exchange.size).toBe(0);
    expect(exchange.claim("id-9999", RIGHT_TOPIC)).toBe("late");
    expect(exchange.claim("id-9000", RIGHT_TOPIC)).toBe("late");
    expect(exchange.claim("id-0", RIGHT_TOPIC)).toBe("unsolicited");
  });
});
