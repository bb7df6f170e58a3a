import { describe, expect, test } from "vitest";
import { BAD_CALLS } from "./bad-calls.ts";
import { rejectionOf } from "./client-under-test.ts";
import type { Stage } from "./stage.ts";

/** Calls with arguments that they cannot have: an error, before anything is sent. */
export const badInputCases = (stage: Stage): void => {
  describe("an error says what is wrong with", () => {
    test.each(BAD_CALLS)("$name", async ({ errorClass, fields, make }) => {
      const client = await stage.client();
      const error = await rejectionOf(() => make(client));
      expect(error).toBeInstanceOf(errorClass);
      expect(error).toMatchObject(fields);
    });
  });

  test("calls that are refused send nothing, and leave nothing behind", async () => {
    const namespace = stage.identifier("plant");
    const client = await stage.client({ namespace });
    const heard = await (await stage.peer()).listen("#");
    const { statistics } = client;
    for (const { make } of BAD_CALLS) await rejectionOf(() => make(client));
    expect(client.statistics).toEqual(statistics);
    // What a client sends arrives in order, so there was nothing before this.
    await client.publish(`${namespace}/the/end`, { body: 1 });
    const first = await heard.next(({ topic }) => /^(?:plant|client|a\/b)/.test(topic));
    expect(first.topic).toBe(`${namespace}/the/end`);
  });
};
