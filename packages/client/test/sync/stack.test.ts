import { expect, test } from "vitest";
import { pointToCallOf } from "../../src/sync/stack.ts";

const framesOf = ({ stack = "" }: Error): readonly string[] =>
  stack.split("\n").filter((line) => line.startsWith("    at "));

test("a stack begins where the function was called", () => {
  const error = new RangeError("too far");
  const theInside = (): void => {
    pointToCallOf(error, theFunction);
  };
  const theFunction = (): void => {
    theInside();
  };
  const theCaller = (): void => {
    theFunction();
  };
  theCaller();
  expect(framesOf(error)[0]).toContain("at theCaller ");
  expect(error.stack).toMatch(/^RangeError: too far\n/);
});

test("a stack of which the runtime has left out the function is a whole one", () => {
  const error = new RangeError("too far");
  const theCaller = (): void => {
    pointToCallOf(error, () => undefined);
  };
  theCaller();
  expect(error.stack).toContain("at theCaller ");
});
