import { describe, expect, test } from "vitest";
import { Repeats, requestKey } from "../../src/client/repeats.ts";
import { PublishRefusedError } from "../../src/index.ts";
import type { RequestPayload } from "../../src/index.ts";
import { ManualClock } from "../runtime/manual-clock.ts";
import {
  TOPIC,
  incomingScene as scene,
  message,
  overlappingFilters,
  request,
} from "./incoming-scene.ts";

describe("the same request again", () => {
  test("is dropped while it is handled, whatever its QoS", async () => {
    for (const qos of [0, 1, 2] as const) {
      const { requests, handled, counters } = scene();
      for (let copy = 0; copy < 3; copy += 1) requests.serve(message({ qos }), request("a"));
      expect(handled).toEqual(["a"]);
      expect(counters).toMatchObject({ duplicateRequests: 2, requestsReceived: 1 });
    }
  });

  test("gets the answer of its first run later, whether the broker or its requester sends it again", async () => {
    const { requests, handled, again, answer, counters } = scene();
    requests.serve(message({ qos: 1 }), request("a"));
    await answer("a");
    requests.serve(message({ qos: 1, duplicate: true }), request("a"));
    requests.serve(message(), request("a"));
    expect(handled).toEqual(["a"]);
    expect(again).toEqual([`205 ${TOPIC} a`, `205 ${TOPIC} a`]);
    expect(counters).toMatchObject({ requestsReceived: 1, duplicateRequests: 2 });
  });

  test("gets the answer of its first run even while that goes on", async () => {
    const { requests, handled, again, repeats } = scene();
    requests.serve(message(), request("a"));
    repeats.keep(requestKey(TOPIC, "a"), { header: {}, code: 205 }, { payload: "done", qos: 0 });
    requests.serve(message(), request("a"));
    expect([handled, again]).toEqual([["a"], ["done"]]);
  });

  test("waits for an answer that comes after the handlers have ended", async () => {
    const { requests, handled, again, end, repeats } = scene();
    requests.serve(message(), request("a"));
    await end("a");
    requests.serve(message(), request("a"));
    expect([handled, again]).toEqual([["a"], []]);
    repeats.keep(requestKey(TOPIC, "a"), { header: {}, code: 205 }, { payload: "late", qos: 0 });
    requests.serve(message(), request("a"));
    expect([handled, again]).toEqual([["a"], ["late"]]);
  });

  test("gets the first of two answers", async () => {
    const { requests, again, answer } = scene();
    requests.serve(message(), request("a"));
    await answer("a", 201);
    await answer("a", 205);
    requests.serve(message(), request("a"));
    expect(again).toEqual([`201 ${TOPIC} a`]);
  });

  test("is handled anew after a 503: it says to ask again", async () => {
    const { requests, handled, again, answer } = scene();
    requests.serve(message(), request("a"));
    await answer("a", 503);
    requests.serve(message(), request("a"));
    expect([handled, again]).toEqual([["a", "a"], []]);
  });

  test("is handled anew after a 503 even while the handler that said so goes on", () => {
    const { requests, handled, again, repeats } = scene();
    requests.serve(message(), request("a"));
    repeats.keep(requestKey(TOPIC, "a"), { header: {}, code: 503 }, { payload: "busy", qos: 0 });
    requests.serve(message(), request("a"));
    expect([handled, again]).toEqual([["a", "a"], []]);
  });

  test("is handled anew where no handler wanted it", async () => {
    const { requests, handled, end } = scene();
    requests.serve(message(), request("a"));
    await end("a", false);
    requests.serve(message(), request("a"));
    expect(handled).toEqual(["a", "a"]);
  });

  test("is handled anew when its answer has been kept long enough", async () => {
    const { requests, handled, again, answer, clock } = scene();
    requests.serve(message(), request("a"));
    await answer("a");
    await clock.advance(59_999);
    requests.serve(message(), request("a"));
    expect([handled, again.length]).toEqual([["a"], 1]);
    await clock.advance(1);
    requests.serve(message(), request("a"));
    expect(handled).toEqual(["a", "a"]);
  });

  test("is handled anew after its answer where none are kept", async () => {
    const { requests, handled, answer } = scene({ keepsAnswers: false });
    requests.serve(message(), request("a"));
    requests.serve(message(), request("a"));
    await answer("a");
    requests.serve(message({ duplicate: true, qos: 1 }), request("a"));
    expect(handled).toEqual(["a", "a"]);
  });

  test.each([
    ["source", { source: "other" }],
    ["method", { method: "PUT" as const }],
    ["path", { path: "other" }],
  ])("with another %s is another request", async (_what, field) => {
    const { requests, handled, answer } = scene();
    requests.serve(message(), request("a"));
    await answer("a");
    const { header, ...rest } = request("a");
    requests.serve(message(), { ...rest, header: { ...header, ...field } });
    expect(handled).toEqual(["a", "a"]);
  });

  test("is handled when only its mark says that it came before", () => {
    const { requests, handled } = scene();
    requests.serve(message({ qos: 1, duplicate: true }), request("a"));
    expect(handled).toEqual(["a"]);
  });

  test("is handled when it came on another topic", () => {
    const { requests, handled } = scene();
    requests.serve(message(), request("a"));
    requests.serve(message({ topic: `${TOPIC}2` }), request("a"));
    expect(handled).toEqual(["a", "a"]);
  });

  test("is a copy where several filters match, one for each further filter, and a repeat beyond that", async () => {
    const { requests, handled, again, answer } = scene({ filters: overlappingFilters() });
    requests.serve(message(), request("a"));
    await answer("a");
    requests.serve(message(), request("a"));
    expect([handled, again]).toEqual([["a"], []]);
    requests.serve(message(), request("a"));
    expect([handled, again.length]).toEqual([["a"], 1]);
  });

  test("is a repeat where several filters match, when it comes some time later", async () => {
    const { requests, clock, handled, again, answer } = scene({ filters: overlappingFilters() });
    requests.serve(message(), request("a"));
    await answer("a");
    await clock.advance(250);
    requests.serve(message(), request("a"));
    expect([handled, again.length]).toEqual([["a"], 1]);
  });

  test("on two topics is two requests, and a copy of each is known", () => {
    const { requests, handled, counters } = scene();
    for (const topic of [TOPIC, `${TOPIC}2`, TOPIC, `${TOPIC}2`]) {
      requests.serve(message({ topic }), request("a"));
    }
    expect(handled).toEqual(["a", "a"]);
    expect(counters.duplicateRequests).toBe(2);
  });

  test("after the client was closed is a new one: what waited then was never handled", async () => {
    const { requests, repeats, queue, handled, end } = scene({ maxRunning: 1 });
    for (const id of ["a", "b"]) requests.serve(message(), request(id));
    queue.clear();
    repeats.clear();
    await end("a");
    requests.serve(message(), request("b"));
    expect(handled).toEqual(["a", "b"]);
  });

  test("is forgotten in the end: the number of answers has a bound", async () => {
    const { requests, handled, answer } = scene({ maxWaiting: 0 });
    for (let number = 0; number < 500; number += 1) {
      requests.serve(message({ qos: 1 }), request(String(number)));
      await answer(String(number));
    }
    handled.length = 0;
    for (const id of ["0", "399", "460", "499"]) requests.serve(message(), request(id));
    expect(handled).toEqual(["0", "399"]);
  });

  test("is forgotten sooner where answers are large: their length has a bound", async () => {
    const { requests, handled, repeats, end } = scene({ maxWaiting: 0 });
    for (let number = 0; number < 20; number += 1) {
      const id = String(number);
      requests.serve(message(), request(id));
      repeats.keep(
        requestKey(TOPIC, id),
        { header: {}, code: 205 },
        { payload: "x".repeat(1_000), qos: 0 },
      );
      await end(id);
    }
    handled.length = 0;
    for (const id of ["5", "15", "19"]) requests.serve(message(), request(id));
    expect(handled).toEqual(["5"]);
  });

  test("is handled anew where its answer is more than half of all that may be kept", async () => {
    const { requests, handled, repeats, end } = scene();
    requests.serve(message(), request("a"));
    repeats.keep(
      requestKey(TOPIC, "a"),
      { header: {}, code: 205 },
      { payload: "x".repeat(5_001), qos: 0 },
    );
    await end("a");
    requests.serve(message(), request("a"));
    expect(handled).toEqual(["a", "a"]);
  });

  test.each(["id", "source", "path"])(
    "is forgotten sooner where what is asked has a long %s: that counts, too",
    async (what) => {
      const { requests, handled, answer } = scene({ maxWaiting: 0 });
      const long = (number: number): RequestPayload => {
        const text = String(number).padStart(1_000, "x");
        const { header, ...rest } = request(what === "id" ? text : String(number));
        return { ...rest, header: what === "id" ? header : { ...header, [what]: text } };
      };
      for (let number = 0; number < 20; number += 1) {
        const payload = long(number);
        requests.serve(message(), payload);
        await answer(payload.header.request_id);
      }
      handled.length = 0;
      for (const number of [5, 19]) requests.serve(message(), long(number));
      expect(handled).toEqual([long(5).header.request_id]);
    },
  );

  test("is handled anew where what is asked is more than half of all that may be kept", async () => {
    const { requests, handled, answer } = scene();
    const id = "x".repeat(5_001);
    for (let time = 0; time < 2; time += 1) {
      requests.serve(message(), request(id));
      await answer(id);
    }
    expect(handled).toHaveLength(2);
  });

  test("is handled anew where there was no room for the first, and nobody answered it", async () => {
    const responder = { respondError: async () => undefined, respondAgain: async () => undefined };
    const { requests, handled, end } = scene({ maxRunning: 1, maxWaiting: 0, responder });
    for (const id of ["a", "b"]) requests.serve(message(), request(id));
    await end("a");
    requests.serve(message(), request("b"));
    expect(handled).toEqual(["a", "b"]);
  });

  test("is handled anew where no handler wanted it, once its copies have come", async () => {
    const { requests, clock, handled, end } = scene({ filters: overlappingFilters() });
    requests.serve(message(), request("a"));
    await end("a", false);
    requests.serve(message(), request("a"));
    expect(handled).toEqual(["a"]);
    await clock.advance(250);
    requests.serve(message(), request("a"));
    expect(handled).toEqual(["a", "a"]);
  });
});

describe("two requests with one id, at the same time", () => {
  const from = (source: string): RequestPayload => {
    const { header, ...rest } = request("a");
    return { ...rest, header: { ...header, source } };
  };
  const key = requestKey(TOPIC, "a");

  test("are each handled once, and their repeats get the answer of each", () => {
    const { requests, handled, again, repeats } = scene();
    const give = (source: string): void => {
      const context = { header: from(source).header, code: 205 };
      repeats.keep(key, context, { payload: `for ${source}`, qos: 0 });
    };
    for (const source of ["one", "two"]) requests.serve(message(), from(source));
    give("one");
    expect(repeats.isAnswered(key, from("one").header)).toBe(true);
    expect(repeats.isAnswered(key, from("two").header)).toBe(false);
    give("two");
    for (const source of ["one", "two"]) requests.serve(message(), from(source));
    expect([handled.length, again]).toEqual([2, ["for one", "for two"]]);
  });

  test("are told apart by the path of an answer that somebody publishes", () => {
    const repeats = new Repeats(
      { maxAnswers: 10, maxBytes: 1_000, keepMs: 1_000 },
      new ManualClock(),
    );
    for (const path of ["gains", "status"]) repeats.begin(key, { method: "GET", path }, 0);
    repeats.keep(key, { header: { path: "gains" }, code: 205 }, { payload: "gains", qos: 0 });
    expect(repeats.isAnswered(key, { method: "GET", path: "status" })).toBe(false);
    expect(repeats.begin(key, { method: "GET", path: "gains" }, 0)).toMatchObject({
      payload: "gains",
    });
  });

  test("end each for itself, in whatever order", () => {
    const repeats = new Repeats(undefined, new ManualClock());
    const begun = ["one", "two", "three"].map((source) => repeats.begin(key, { source }, 0));
    for (const at of [1, 2, 0]) {
      const handled = begun[at];
      expect(repeats.running).toBe(1);
      if (typeof handled === "object" && "key" in handled) repeats.end(handled, true);
    }
    expect(repeats.running).toBe(0);
  });
});

describe("an answer that the broker refuses", () => {
  const key = requestKey(TOPIC, "a");
  const refused = (): Promise<never> =>
    Promise.reject(new PublishRefusedError("topic", { broker: "b", reasonCode: 149 }));

  test("is none: the handler may give another", async () => {
    const repeats = new Repeats(
      { maxAnswers: 10, maxBytes: 1_000, keepMs: 1_000 },
      new ManualClock(),
    );
    repeats.begin(key, {}, 0);
    const context = { header: {}, code: 205 };
    const kept = repeats.keep(key, context, { payload: "too large", qos: 0 });
    await expect(repeats.follow(kept, refused())).rejects.toBeInstanceOf(PublishRefusedError);
    expect(repeats.isAnswered(key, {})).toBe(false);
    repeats.keep(key, { header: {}, code: 500 }, { payload: "sorry", qos: 0 });
    expect(repeats.begin(key, {}, 0)).toMatchObject({ payload: "sorry" });
  });

  test("is not given to a repeat: that is handled anew", async () => {
    const { requests, repeats, handled, end } = scene();
    requests.serve(message(), request("a"));
    const kept = repeats.keep(key, { header: {}, code: 205 }, { payload: "too large", qos: 0 });
    await end("a");
    await expect(repeats.follow(kept, refused())).rejects.toBeInstanceOf(PublishRefusedError);
    requests.serve(message(), request("a"));
    expect(handled).toEqual(["a", "a"]);
  });
});
