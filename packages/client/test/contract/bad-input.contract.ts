import { describe, expect, test } from "vitest";
import { BAD_CALLS } from "./bad-calls.ts";
import { rejectionOf } from "./client-under-test.ts";
import type { Stage } from "./stage.ts";

/** Calls with arguments that they cannot have: an error, before anything is sent. */
export const badInputCases = (stage: Stage): void => {
  describe("nothing is sent, and an error says why, for", () => {
    test.each(BAD_CALLS)("$name", async ({ errorClass, fields, make }) => {
      const namespace = stage.identifier("plant");
      const client = await stage.client({ namespace });
      const heard = await (await stage.peer()).listen("#");
      const held = client.statistics.subscriptionsHeld;

      const error = await rejectionOf(() => make(client));
      expect(error).toBeInstanceOf(errorClass);
      expect(error).toMatchObject(fields);

      // What a client sends arrives in order, so there was nothing before this.
      await client.publish(`${namespace}/the/end`, { body: 1 });
      const isOurs = (topic: string): boolean => /^(?:plant|client|a\/b)/.test(topic);
      expect((await heard.next(({ topic }) => isOurs(topic))).topic).toBe(`${namespace}/the/end`);
      expect(client.statistics).toMatchObject({ requestsSent: 0, subscriptionsHeld: held });
    });
  });
};
