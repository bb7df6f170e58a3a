import { getEventListeners } from "node:events";
import { describe, expect, test, vi } from "vitest";
import type { OnEnd } from "../../src/exchange/request-in-flight.ts";
import { RequestInFlight, errorFieldsOf } from "../../src/exchange/request-in-flight.ts";
import type { Route } from "../../src/exchange/response-routing.ts";
import { outcomeOf } from "../connection/connection-scene.ts";
import { ManualClock, promisesSettled } from "../runtime/manual-clock.ts";
import { TOO_LATE, callWith, response, within } from "./exchange-scene.ts";

const STOPPED = new Error("stopped");

const ROUTE: Route = {
  requestTopic: "gf_int_v1/axuv/request/device/box",
  mailboxTopic: "gf_int_v1/axuv/response/device/box",
  extraTopic: undefined,
  responseTopic: "gf_int_v1/axuv/response/device/box",
};

/** A request in flight with a deadline of 1 s and a signal. */
const scene = () => {
  const clock = new ManualClock();
  const controller = new AbortController();
  const onEnd = vi.fn<OnEnd>();
  const call = callWith(within(clock, { signal: controller.signal }));
  const request = new RequestInFlight(call, ROUTE, onEnd);
  const outcome = outcomeOf(request.settled());
  const expectNothingLeft = (): void => {
    expect(onEnd).toHaveBeenCalledExactlyOnceWith(request);
    expect(clock.timerCount).toBe(0);
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  };
  return { clock, controller, onEnd, request, outcome, expectNothingLeft };
};

describe("a request in flight", () => {
  test("waits, until something ends it", async () => {
    const { clock, outcome, onEnd } = scene();
    await clock.advance(999);
    expect(outcome).toEqual({});
    expect(onEnd).not.toHaveBeenCalled();
  });

  test("is ended by its response", async () => {
    const { request, outcome, expectNothingLeft } = scene();
    const answer = response();
    request.succeed(answer);
    await promisesSettled();
    expect(outcome).toEqual({ value: answer });
    expectNothingLeft();
  });

  test("is ended by a failure", async () => {
    const { request, outcome, expectNothingLeft } = scene();
    request.fail(STOPPED);
    await promisesSettled();
    expect(outcome).toEqual({ error: STOPPED });
    expectNothingLeft();
  });

  test("is ended by its deadline", async () => {
    const { clock, outcome, expectNothingLeft } = scene();
    await clock.advance(1_000);
    expect(outcome).toEqual({ error: TOO_LATE });
    expectNothingLeft();
  });

  test("is ended by its signal, with the signal's reason", async () => {
    const { controller, outcome, expectNothingLeft } = scene();
    controller.abort(STOPPED);
    await promisesSettled();
    expect(outcome).toEqual({ error: STOPPED });
    expectNothingLeft();
  });

  test("ends once, by whatever comes first", async () => {
    const { clock, controller, request, outcome, expectNothingLeft } = scene();
    request.succeed(response("first"));
    request.succeed(response("second"));
    request.fail(STOPPED);
    controller.abort(STOPPED);
    await clock.advance(5_000);
    expect(outcome).toMatchObject({ value: { header: { request_id: "first" } } });
    expectNothingLeft();
  });

  test("tells of its end before the caller learns of it", async () => {
    const events: string[] = [];
    const request = new RequestInFlight(callWith(within(new ManualClock())), ROUTE, () =>
      events.push("told"),
    );
    const settled = request.settled().then(() => events.push("settled"));
    request.succeed(response());
    await settled;
    expect(events).toEqual(["told", "settled"]);
  });

  test("does not begin past its deadline, and leaves no timer", async () => {
    const clock = new ManualClock();
    const limits = within(clock);
    await clock.advance(1_000);
    const onEnd = vi.fn<OnEnd>();
    expect(() => new RequestInFlight(callWith(limits), ROUTE, onEnd)).toThrow(TOO_LATE);
    expect(clock.timerCount).toBe(0);
    expect(onEnd).not.toHaveBeenCalled();
  });

  test("does not begin with a signal aborted before", () => {
    const limits = within(new ManualClock(), { signal: AbortSignal.abort(STOPPED) });
    expect(() => new RequestInFlight(callWith(limits), ROUTE, () => {})).toThrow(STOPPED);
  });
});

describe("errorFieldsOf", () => {
  test("says of a call what its errors say", () => {
    expect(errorFieldsOf(callWith(within(new ManualClock())))).toEqual({
      path: "gains",
      source: "requester",
      target: "device",
      requestId: "id-1",
      method: "GET",
    });
  });
});
