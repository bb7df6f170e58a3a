import type { StandardSchemaV1 } from "@standard-schema/spec";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { checkBody } from "../../../src/client/options/body-schema.ts";
import { PayloadValidationError } from "../../../src/errors/input-errors.ts";

/** A schema that gives this verdict. */
const schemaWith = (validate: StandardSchemaV1["~standard"]["validate"]): StandardSchemaV1 => ({
  "~standard": { version: 1, vendor: "test", validate },
});

describe("checkBody", () => {
  test("gives back what the schema made of the body", async () => {
    const schema = v.pipe(v.string(), v.transform(Number));
    expect(await checkBody(schema, "42", "response")).toBe(42);
  });

  test("waits for a schema that takes its time", async () => {
    const schema = schemaWith(async (value) => ({ value: [value] }));
    expect(await checkBody(schema, 5, "response")).toEqual([5]);
  });

  test("names each place that the schema refused", async () => {
    const schema = v.object({ gains: v.array(v.number()), name: v.string() });
    const refused = checkBody(schema, { gains: [1, "2"], name: 5 }, "response");
    await expect(refused).rejects.toBeInstanceOf(PayloadValidationError);
    await expect(refused).rejects.toMatchObject({
      subject: "response",
      issues: [{ path: "body.gains[1]" }, { path: "body.name" }],
    });
  });

  test.each<readonly [StandardSchemaV1.Issue["path"], string]>([
    [undefined, "body"],
    [[], "body"],
    [[0], "body[0]"],
    [["a", 1, { key: "b" }, { key: 2 }], "body.a[1].b[2]"],
    [[Symbol("s")], "body.Symbol(s)"],
  ])("writes the path %j as %s", async (path, text) => {
    const issue = path === undefined ? { message: "wrong" } : { message: "wrong", path };
    const refused = checkBody(
      schemaWith(() => ({ issues: [issue] })),
      5,
      "response",
    );
    await expect(refused).rejects.toMatchObject({ issues: [{ path: text, message: "wrong" }] });
  });

  test("passes on what a broken schema throws", async () => {
    const broken = new Error("broken schema");
    const schema = schemaWith(() => {
      throw broken;
    });
    await expect(checkBody(schema, 5, "response")).rejects.toBe(broken);
  });
});
