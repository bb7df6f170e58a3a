import { describe, expect, test } from "vitest";
import { PendingRequests } from "../../src/exchange/pending-requests.ts";
import { RequestInFlight } from "../../src/exchange/request-in-flight.ts";
import { ResponseRouting } from "../../src/exchange/response-routing.ts";
import { TopicManager } from "../../src/protocol/topic.ts";
import { ManualClock } from "../runtime/manual-clock.ts";
import { callWith, response, within } from "./exchange-scene.ts";

const topics = new TopicManager();
const routing = new ResponseRouting({ mode: "mailbox", mailbox: "box", topics });
const RIGHT_TOPIC = "gf_int_v1/axuv/response/device/box";

/** Pending requests, with a way to put a request among them and to end it. */
const scene = () => {
  const clock = new ManualClock();
  const pending = new PendingRequests((topic) => {
    const parts = topics.getParts(topic);
    return parts?.type === "response" ? parts : undefined;
  });
  const add = (requestId: string): RequestInFlight => {
    const call = callWith(within(clock), { requestId });
    const request = new RequestInFlight(call, routing.plan(call, requestId), (ended) => {
      pending.remove(ended);
    });
    request.settled().catch(() => undefined);
    pending.add(request);
    return request;
  };
  return { clock, pending, add };
};

describe("a response", () => {
  test("claims the request with its id, from the device that was asked", () => {
    const { pending, add } = scene();
    const request = add("id-1");
    add("id-2");
    expect(pending.claim("id-1", RIGHT_TOPIC)).toBe(request);
    expect(request.isClaimed).toBe(true);
  });

  test("claims a request on any topic of that device", () => {
    const { pending, add } = scene();
    const request = add("id-1");
    expect(pending.claim("id-1", "gf_int_v1/axuv/response/device/id-1")).toBe(request);
  });

  test.each([
    ["another device", "gf_int_v1/axuv/response/other/box"],
    ["another subsystem", "gf_int_v1/other/response/device/box"],
    ["another type of topic", "gf_int_v1/axuv/request/device/box"],
    ["a topic of another form", "events/axuv"],
  ])("is a stranger's from %s, and claims nothing", (_where, topic) => {
    const { pending, add } = scene();
    const request = add("id-1");
    expect(pending.claim("id-1", topic)).toBe("stranger");
    expect(request.isClaimed).toBe(false);
    expect(pending.claim("id-1", RIGHT_TOPIC)).toBe(request);
  });

  test("is a stranger's with an id that nobody asked with", () => {
    const { pending, add } = scene();
    add("id-1");
    expect(pending.claim("id-2", RIGHT_TOPIC)).toBe("stranger");
  });

  test("is a duplicate while the first is on its way through the handlers, and afterwards", () => {
    const { pending, add } = scene();
    const request = add("id-1");
    pending.claim("id-1", RIGHT_TOPIC);
    expect(pending.claim("id-1", RIGHT_TOPIC)).toBe("duplicate");
    request.succeed(response());
    expect(pending.claim("id-1", RIGHT_TOPIC)).toBe("duplicate");
  });

  test("is late when its request has given up", async () => {
    const { clock, pending, add } = scene();
    add("id-1");
    await clock.advance(1_000);
    expect(pending.claim("id-1", RIGHT_TOPIC)).toBe("late");
    expect(pending.claim("id-1", RIGHT_TOPIC)).toBe("late");
  });
});

describe("pending requests", () => {
  test("are counted and listed until they end, those that are claimed included", () => {
    const { pending, add } = scene();
    const [first, second] = [add("id-1"), add("id-2")];
    pending.claim("id-1", RIGHT_TOPIC);
    expect(pending.size).toBe(2);
    expect(pending.all()).toEqual([first, second]);
    expect(pending.has("id-1")).toBe(true);
    first.succeed(response());
    expect(pending.size).toBe(1);
    expect(pending.all()).toEqual([second]);
    expect(pending.has("id-1")).toBe(false);
  });

  test("can be ended while they are listed", () => {
    const { pending, add } = scene();
    for (const id of ["id-1", "id-2", "id-3"]) add(id);
    for (const request of pending.all()) request.fail(new Error("closed"));
    expect(pending.size).toBe(0);
  });

  test("may use an id again that has ended", () => {
    const { pending, add } = scene();
    add("id-1").fail(new Error("given up"));
    const again = add("id-1");
    expect(pending.claim("id-1", RIGHT_TOPIC)).toBe(again);
  });

  test("remember those that ended last, and forget the others", () => {
    const { pending, add } = scene();
    for (let number = 0; number < 10_000; number += 1) add(`id-${String(number)}`).fail("gave up");
    expect(pending.size).toBe(0);
    expect(pending.claim("id-9999", RIGHT_TOPIC)).toBe("late");
    expect(pending.claim("id-9000", RIGHT_TOPIC)).toBe("late");
    expect(pending.claim("id-0", RIGHT_TOPIC)).toBe("stranger");
  });
});
