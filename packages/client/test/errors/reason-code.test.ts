import { expect, test } from "vitest";
import { connectReturnCodeName, reasonCodeName } from "../../src/errors/reason-code.ts";

test.each([
  [0, "Success"],
  [16, "No matching subscribers"],
  [128, "Unspecified error"],
  [134, "Bad User Name or Password"],
  [135, "Not authorized"],
  [143, "Topic Filter invalid"],
  [151, "Quota exceeded"],
  [162, "Wildcard Subscriptions not supported"],
])("reason code %i is %s", (code, name) => {
  expect(reasonCodeName(code)).toBe(name);
});

test.each([
  [1, "Unacceptable protocol version"],
  [2, "Identifier rejected"],
  [3, "Server unavailable"],
  [4, "Bad user name or password"],
  [5, "Not authorized"],
])("CONNACK return code %i is %s", (code, name) => {
  expect(connectReturnCodeName(code)).toBe(name);
});

test("an unknown code is called unknown", () => {
  expect(reasonCodeName(255)).toBe("Unknown reason code");
  expect(connectReturnCodeName(6)).toBe("Unknown return code");
});
