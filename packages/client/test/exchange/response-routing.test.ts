import { describe, expect, test } from "vitest";
import { ResponseRouting } from "../../src/exchange/response-routing.ts";
import type { DeviceAddress, Route } from "../../src/exchange/response-routing.ts";
import { TopicError } from "../../src/errors/input-errors.ts";
import { TopicManager } from "../../src/protocol/topic.ts";
import {
  DEVICE,
  MAILBOX,
  answered,
  getsExtraTopic,
  requestTopicOf,
  responseTopicOf,
  routingOnLink,
} from "./routing-rules.ts";

const OTHER: DeviceAddress = { subsystem: "axuv", target: "2D_XX_0_0001" };

/** The route of a request that the mailbox serves alone. */
const MAILBOX_ROUTE: Route = {
  requestTopic: requestTopicOf(DEVICE, MAILBOX),
  mailboxTopic: responseTopicOf(DEVICE, MAILBOX),
  extraTopic: undefined,
  responseTopic: responseTopicOf(DEVICE, MAILBOX),
};

/** The route of a request without a mailbox. */
const routeOfItsOwn = (requestId: string): Route => ({
  requestTopic: requestTopicOf(DEVICE, requestId),
  mailboxTopic: undefined,
  extraTopic: responseTopicOf(DEVICE, requestId),
  responseTopic: responseTopicOf(DEVICE, requestId),
});

const addressOf = (number: number): DeviceAddress => ({
  subsystem: "axuv",
  target: `device-${number}`,
});

describe("a request to a device that nothing is known of", () => {
  test("goes to the mailbox's topic and is answered there or on a topic with its id", () => {
    expect(routingOnLink().plan(DEVICE, "id-1")).toEqual({
      ...MAILBOX_ROUTE,
      extraTopic: responseTopicOf(DEVICE, "id-1"),
    });
  });

  test("names the mailbox's topic as the one for the response", () => {
    const { responseTopic } = routingOnLink().plan(DEVICE, "id-1");
    expect(responseTopic).toBe(responseTopicOf(DEVICE, MAILBOX));
  });

  test("is planned so before the first link, too", () => {
    const topics = new TopicManager();
    const routing = new ResponseRouting({ mode: "auto", mailbox: MAILBOX, topics });
    expect(routing.plan(DEVICE, "id-1")).toEqual(routingOnLink().plan(DEVICE, "id-1"));
  });

  test("has a topic of its own like each of 500 that are planned before any answer", () => {
    const routing = routingOnLink();
    const ids = Array.from({ length: 500 }, (_, index) => `id-${index}`);
    const routes = ids.map((id) => routing.plan(DEVICE, id));
    expect(routes.map(({ extraTopic }) => extraTopic)).toEqual(
      ids.map((id) => responseTopicOf(DEVICE, id)),
    );
    expect(new Set(routes.map(({ requestTopic }) => requestTopic)).size).toBe(1);
  });

  test("stays in the namespace of the client", () => {
    const topics = new TopicManager("lab");
    const routing = new ResponseRouting({ mode: "auto", mailbox: MAILBOX, topics });
    expect(routing.mailboxFilter).toBe(`lab/+/response/+/${MAILBOX}`);
    expect(routing.plan(DEVICE, "id-1").requestTopic).toMatch(/^lab\/axuv\/request\//);
  });
});

describe("a device that answers on the request's topic", () => {
  test("is served by the mailbox alone from then on", () => {
    const routing = routingOnLink();
    answered(routing, "topic");
    expect(routing.plan(DEVICE, "id-2")).toEqual(MAILBOX_ROUTE);
  });

  test("is known by the first of 500 answers, whichever request it is to", () => {
    const routing = routingOnLink();
    const routes = Array.from({ length: 500 }, (_, index) => routing.plan(DEVICE, `id-${index}`));
    const last = routes.at(-1) ?? expect.fail("no route");
    routing.learn(DEVICE, last, responseTopicOf(DEVICE, MAILBOX));
    expect(getsExtraTopic(routing)).toBe(false);
    for (const route of routes) routing.learn(DEVICE, route, responseTopicOf(DEVICE, MAILBOX));
    expect(getsExtraTopic(routing)).toBe(false);
  });

  test("says nothing about other devices, nor about other subsystems of the same", () => {
    const routing = routingOnLink();
    answered(routing, "topic");
    expect(getsExtraTopic(routing, OTHER)).toBe(true);
    expect(getsExtraTopic(routing, { ...DEVICE, subsystem: "camera" })).toBe(true);
  });

  test("is forgotten when it does not answer, and gets both ways again", () => {
    const routing = routingOnLink();
    answered(routing, "topic");
    routing.forget(DEVICE);
    expect(routing.plan(DEVICE, "id-2")).toEqual({
      ...MAILBOX_ROUTE,
      extraTopic: responseTopicOf(DEVICE, "id-2"),
    });
  });

  test("is forgotten alone", () => {
    const routing = routingOnLink();
    answered(routing, "topic");
    answered(routing, "topic", { address: OTHER });
    routing.forget(DEVICE);
    expect(getsExtraTopic(routing, OTHER)).toBe(false);
  });

  test("is found out as the other kind after a request that nobody answered", () => {
    const routing = routingOnLink();
    answered(routing, "topic");
    routing.forget(DEVICE);
    answered(routing, "header");
    expect(routing.plan(DEVICE, "id-2").responseTopic).toBe(responseTopicOf(DEVICE, "id-2"));
  });
});

describe("a device that answers on the topic of the header's id", () => {
  test("gets that topic for every request, named as the one for the response", () => {
    const routing = routingOnLink();
    answered(routing, "header");
    for (const id of ["id-2", "id-3"]) {
      expect(routing.plan(DEVICE, id)).toEqual({
        ...MAILBOX_ROUTE,
        extraTopic: responseTopicOf(DEVICE, id),
        responseTopic: responseTopicOf(DEVICE, id),
      });
    }
  });

  test("is found out as the other kind by its first answer to the mailbox", () => {
    const routing = routingOnLink();
    answered(routing, "header");
    answered(routing, "topic");
    expect(routing.plan(DEVICE, "id-2")).toEqual(MAILBOX_ROUTE);
  });

  test("is forgotten when it does not answer", () => {
    const routing = routingOnLink();
    answered(routing, "header");
    routing.forget(DEVICE);
    expect(routing.plan(DEVICE, "id-2").responseTopic).toBe(responseTopicOf(DEVICE, MAILBOX));
  });
});

describe("a device that answers on both topics", () => {
  test.each([
    ["the mailbox's first", MAILBOX, "id-1"],
    ["the header's first", "id-1", MAILBOX],
  ])("is served by the mailbox, whichever answer comes first: %s", (_order, first, second) => {
    const routing = routingOnLink();
    const route = routing.plan(DEVICE, "id-1");
    routing.learn(DEVICE, route, responseTopicOf(DEVICE, first));
    routing.learn(DEVICE, route, responseTopicOf(DEVICE, second));
    expect(routing.plan(DEVICE, "id-2")).toEqual(MAILBOX_ROUTE);
  });

  test("is served by the mailbox, though the answer there is the second to one request", () => {
    const routing = routingOnLink();
    answered(routing, "header");
    routing.learnFromDuplicate(responseTopicOf(DEVICE, MAILBOX));
    expect(routing.plan(DEVICE, "id-2")).toEqual(MAILBOX_ROUTE);
  });

  test("is not mistaken because of a second answer on the topic with the id", () => {
    const routing = routingOnLink();
    answered(routing, "topic");
    routing.learnFromDuplicate(responseTopicOf(DEVICE, "id-1"));
    expect(routing.plan(DEVICE, "id-2")).toEqual(MAILBOX_ROUTE);
  });

  test.each([
    ["of another device", responseTopicOf(OTHER, MAILBOX)],
    ["of another namespace", `lab/axuv/response/2D_XX_0_9999/${MAILBOX}`],
    ["of a request", requestTopicOf(DEVICE, MAILBOX)],
    ["that is too short", "gf_int_v1/axuv/response"],
  ])("is not seen in a second answer on a topic %s", (_which, topic) => {
    const routing = routingOnLink();
    answered(routing, "header");
    routing.learnFromDuplicate(topic);
    expect(getsExtraTopic(routing)).toBe(true);
  });
});

describe("nothing is learned", () => {
  test("from an answer on a topic that was not asked for", () => {
    const routing = routingOnLink();
    const route = routing.plan(DEVICE, "id-1");
    routing.learn(DEVICE, route, responseTopicOf(DEVICE, "elsewhere"));
    expect(routing.plan(DEVICE, "id-2").responseTopic).toBe(responseTopicOf(DEVICE, MAILBOX));
    expect(getsExtraTopic(routing)).toBe(true);
  });

  test("from an answer to a request that had no topic of its own", () => {
    const routing = routingOnLink();
    answered(routing, "topic");
    const route = routing.plan(DEVICE, "id-1");
    routing.forget(DEVICE);
    routing.learn(DEVICE, route, responseTopicOf(DEVICE, MAILBOX));
    expect(getsExtraTopic(routing)).toBe(true);
  });

  test("without a mailbox, where both kinds answer on the same topic", () => {
    const routing = routingOnLink({ isMailboxGranted: false });
    answered(routing, "header");
    routing.startLink(true);
    expect(routing.plan(DEVICE, "id-2").responseTopic).toBe(responseTopicOf(DEVICE, MAILBOX));
  });
});

describe("where the broker refuses the mailbox", () => {
  test("every request has a topic of its own", () => {
    const routing = routingOnLink({ isMailboxGranted: false });
    expect(routing.plan(DEVICE, "id-1")).toEqual(routeOfItsOwn("id-1"));
    expect(routing.plan(DEVICE, "id-2")).toEqual(routeOfItsOwn("id-2"));
  });

  test("it is used again with the next link that grants it, and what was learned still holds", () => {
    const routing = routingOnLink();
    answered(routing, "topic");
    routing.startLink(false);
    expect(routing.plan(DEVICE, "id-1")).toEqual(routeOfItsOwn("id-1"));
    routing.startLink(true);
    expect(routing.plan(DEVICE, "id-1")).toEqual(MAILBOX_ROUTE);
  });

  test("a device that does not answer is not forgotten: it says nothing about its kind", () => {
    const routing = routingOnLink();
    answered(routing, "topic");
    routing.startLink(false);
    routing.forget(DEVICE);
    routing.startLink(true);
    expect(getsExtraTopic(routing)).toBe(false);
  });
});

describe("where the broker refuses an extra topic", () => {
  test("the mailbox has to do for that device", () => {
    const routing = routingOnLink();
    routing.noteExtraTopicRefused(DEVICE);
    expect(routing.plan(DEVICE, "id-2")).toEqual(MAILBOX_ROUTE);
  });

  test("it has to do even for a device known to answer on the topic of the header's id", () => {
    const routing = routingOnLink();
    answered(routing, "header");
    routing.noteExtraTopicRefused(DEVICE);
    expect(routing.plan(DEVICE, "id-2")).toEqual(MAILBOX_ROUTE);
  });

  test("other devices, which other access rules may hold for, still get theirs", () => {
    const routing = routingOnLink();
    routing.noteExtraTopicRefused(DEVICE);
    expect(getsExtraTopic(routing, OTHER)).toBe(true);
  });

  test("it is asked for again with the next link", () => {
    const routing = routingOnLink();
    routing.noteExtraTopicRefused(DEVICE);
    routing.forget(DEVICE);
    expect(getsExtraTopic(routing)).toBe(false);
    routing.startLink(true);
    expect(getsExtraTopic(routing)).toBe(true);
  });

  test("without a mailbox there is no other way, so it is asked for all the same", () => {
    const routing = routingOnLink();
    routing.noteExtraTopicRefused(DEVICE);
    routing.startLink(false);
    expect(routing.plan(DEVICE, "id-1")).toEqual(routeOfItsOwn("id-1"));
  });
});

describe("the mode", () => {
  test.each(["auto", "mailbox"] as const)("%j has the filter of the mailbox", (mode) => {
    expect(routingOnLink({ mode }).mailboxFilter).toBe(`gf_int_v1/+/response/+/${MAILBOX}`);
  });

  test('"per-request" has none', () => {
    expect(routingOnLink({ mode: "per-request" }).mailboxFilter).toBeUndefined();
  });

  test('"mailbox" never gives a request a topic of its own, whatever its device does', () => {
    const routing = routingOnLink({ mode: "mailbox" });
    expect(routing.plan(DEVICE, "id-1")).toEqual(MAILBOX_ROUTE);
    answered(routing, "header");
    expect(routing.plan(DEVICE, "id-2")).toEqual(MAILBOX_ROUTE);
    routing.forget(DEVICE);
    expect(routing.plan(DEVICE, "id-3")).toEqual(MAILBOX_ROUTE);
  });

  test('"mailbox" gives each request one where the broker refuses the mailbox', () => {
    const routing = routingOnLink({ mode: "mailbox", isMailboxGranted: false });
    expect(routing.plan(DEVICE, "id-1")).toEqual(routeOfItsOwn("id-1"));
  });

  test('"per-request" always gives a request one, whatever its device does', () => {
    const routing = routingOnLink({ mode: "per-request" });
    expect(routing.plan(DEVICE, "id-1")).toEqual(routeOfItsOwn("id-1"));
    answered(routing, "topic");
    answered(routing, "header");
    expect(routing.plan(DEVICE, "id-2")).toEqual(routeOfItsOwn("id-2"));
  });
});

describe("with room for few devices", () => {
  const capacity = 8;
  const learnAll = (routing: ResponseRouting, count: number): void => {
    for (let number = 0; number < count; number += 1) {
      answered(routing, "topic", { address: addressOf(number) });
    }
  };

  test("the latest are known, and those used longest ago forgotten", () => {
    const routing = routingOnLink({ capacity });
    learnAll(routing, 100);
    for (const number of [99, 98, 97, 96]) {
      expect(getsExtraTopic(routing, addressOf(number))).toBe(false);
    }
    expect(getsExtraTopic(routing, addressOf(0))).toBe(true);
  });

  test("one that is asked again and again stays known", () => {
    const routing = routingOnLink({ capacity });
    answered(routing, "topic");
    for (let number = 0; number < 100; number += 1) {
      expect(getsExtraTopic(routing)).toBe(false);
      answered(routing, "topic", { address: addressOf(number) });
    }
  });

  test("never more are known than there is room for", () => {
    const routing = routingOnLink({ capacity });
    learnAll(routing, 100);
    const numbers = Array.from({ length: 100 }, (_, number) => number);
    const known = numbers.filter((number) => !getsExtraTopic(routing, addressOf(number)));
    expect(known.length).toBeLessThanOrEqual(capacity);
  });

  test("one that was forgotten between its request and its answer is learned nevertheless", () => {
    const routing = routingOnLink({ capacity });
    const route = routing.plan(DEVICE, "id-1");
    learnAll(routing, 100);
    routing.learn(DEVICE, route, responseTopicOf(DEVICE, MAILBOX));
    expect(getsExtraTopic(routing)).toBe(false);
  });
});

describe("an address that is not made of topic segments", () => {
  const BAD = ["", "+", "#", "a/b", "a+", "a\0b", "\ud800"];

  test.each(BAD)("is a TopicError as the target, with a mailbox or without: %j", (target) => {
    for (const isMailboxGranted of [true, false]) {
      const routing = routingOnLink({ isMailboxGranted });
      expect(() => routing.plan({ ...DEVICE, target }, "id-1")).toThrow(TopicError);
    }
  });

  test.each(BAD)("is a TopicError as the subsystem, with a mailbox or without: %j", (subsystem) => {
    for (const isMailboxGranted of [true, false]) {
      const routing = routingOnLink({ isMailboxGranted });
      expect(() => routing.plan({ ...DEVICE, subsystem }, "id-1")).toThrow(TopicError);
    }
  });

  test("is a TopicError each time, for nothing is kept of it", () => {
    const routing = routingOnLink();
    const address = { subsystem: "a/b", target: "c" };
    expect(() => routing.plan(address, "id-1")).toThrow(TopicError);
    expect(() => routing.plan(address, "id-1")).toThrow(TopicError);
    expect(() => routing.plan({ subsystem: "a", target: "b/c" }, "id-1")).toThrow(TopicError);
  });
});
