import { describe, expect, test } from "vitest";
import { ConnectionFailedError } from "../../src/errors/connection-failed-error.ts";
import { ResponseException } from "../../src/errors/response-exception.ts";
import { GatewayTimeoutResponse } from "../../src/errors/error-responses.ts";

const BROKER = "mqtt://broker.example.com:1883";
const refused = new Error("connect ECONNREFUSED 192.0.2.1:1883");

describe("the hint of a ConnectionFailedError", () => {
  test("is the end of its message, and goes on to the error of whoever waited for the dial", () => {
    const dial = new ConnectionFailedError(BROKER, {
      cause: new Error("wrong version number"),
      reason: "what answers there speaks TLS",
      advice: "use mqtts://",
    });
    expect(dial.message).toBe(
      `cannot connect to ${BROKER}: what answers there speaks TLS; use mqtts://`,
    );
    const call = new ConnectionFailedError(BROKER, { cause: dial });
    expect(call).toMatchObject({ message: dial.message, hint: "use mqtts://" });
  });

  test("is to check the credentials where these were refused", () => {
    const { hint } = new ConnectionFailedError(BROKER, { reasonCode: 134 });
    expect(hint).toBe("check the username and password, then what the broker allows this client");
  });
});

describe("ConnectionFailedError", () => {
  test("says to which broker, why, and what to check", () => {
    const error = new ConnectionFailedError(BROKER, { cause: refused });
    expect(error.message).toBe(
      `cannot connect to ${BROKER}: connect ECONNREFUSED 192.0.2.1:1883; check that the broker is ` +
        "running, its host name and port, the firewall, and the credentials",
    );
  });

  test("is a gateway timeout with its own code and keeps what it knows", () => {
    const error = new ConnectionFailedError(BROKER, { cause: refused, source: "me" });
    expect(error).toBeInstanceOf(GatewayTimeoutResponse);
    expect(error).toBeInstanceOf(ResponseException);
    expect(error).toMatchObject({
      name: "ConnectionFailedError",
      code: "CONNECTION_FAILED",
      responseCode: 504,
      broker: BROKER,
      reasonCode: undefined,
      source: "me",
      detail: "connect ECONNREFUSED 192.0.2.1:1883",
    });
    expect(error.cause).toBe(refused);
  });

  test.each([
    [4, "Bad user name or password (4)"],
    [5, "Not authorized (5)"],
    [0x86, "Bad User Name or Password (134)"],
    [0x87, "Not authorized (135)"],
  ])("asks for the credentials first when the broker refuses them with %i", (reasonCode, name) => {
    const { message } = new ConnectionFailedError(BROKER, { reasonCode });
    expect(message).toContain(`: the broker refused: ${name}; check the username and password`);
  });

  test("another refusal is named too", () => {
    const { message } = new ConnectionFailedError(BROKER, { reasonCode: 0x8a });
    expect(message).toContain("Banned (138); check that the broker is running");
  });

  test.each([
    [new AggregateError([new Error("one"), new Error("two"), new Error("one")]), "one, two"],
    [Object.assign(new Error(""), { code: "ECONNREFUSED" }), "ECONNREFUSED"],
    [new TypeError(""), "TypeError"],
    [new AggregateError([]), "AggregateError"],
    ["closed", '"closed"'],
  ])("finds the reason in %o", (cause, reason) => {
    const error = new ConnectionFailedError(BROKER, { cause });
    expect(error.detail).toBe(reason);
    expect(error.message).toContain(`cannot connect to ${BROKER}: ${reason}; check`);
  });

  test("does without a reason", () => {
    expect(new ConnectionFailedError(BROKER).message).toContain(`${BROKER}; check that`);
  });
});
