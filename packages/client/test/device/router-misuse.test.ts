import * as v from "valibot";
import { describe, expect, test } from "vitest";
import type { ResponseCode } from "../../src/index.ts";
import { ResourceRouter, answer, created } from "../../src/index.ts";

const Gains = v.array(v.number());

describe("bad input is an error at once", () => {
  const router = (): ResourceRouter => new ResourceRouter({ subsystem: "axuv" });
  test.each<readonly [string, () => unknown]>([
    [
      "a path twice",
      () =>
        router()
          .get("gains", () => 1)
          .get("/gains", () => 2),
    ],
    [
      "the same paths twice",
      () =>
        router()
          .get("a/:x", () => 1)
          .get("a/:y", () => 2),
    ],
    ["a parameter twice", () => router().get("a/:x/:x", () => 1)],
    ["a parameter without a name", () => router().get("a/:", () => 1)],
    ["** in the middle", () => router().get("a/**/b", () => 1)],
    ["a star within a segment", () => router().get("a/b*", () => 1)],
    ["an empty segment", () => router().get("a//b", () => 1)],
    ["a query", () => router().get("a?b=1", () => 1)],
    ["no path", () => router().get(undefined as unknown as string, () => 1)],
    ["no function", () => router().get("a", {} as unknown as () => unknown)],
    ["a function that is none", () => router().get("a", {}, 5 as unknown as () => unknown)],
    ["an unknown option", () => router().get("a", { schema: Gains } as object, () => 1)],
    ["a schema that is none", () => router().put("a", { body: {} as typeof Gains }, () => 1)],
    ["an unknown option of the router", () => new ResourceRouter({ subSystem: "a" } as object)],
    ["a subsystem that is no segment", () => new ResourceRouter({ subsystem: "a/b" })],
    ["created() without a location", () => created(undefined as unknown as string)],
    ["a code that is none", () => answer(299 as ResponseCode)],
    ["discovery's own path", () => router().get(".well-known/core", () => 1)],
    [
      "a router on itself",
      () => {
        const own = router();
        own.mount("a", own);
      },
    ],
    [
      "a router of another subsystem",
      () => router().mount("a", new ResourceRouter({ subsystem: "b" })),
    ],
    [
      "a router over discovery",
      () =>
        router().mount(
          ".well-known",
          new ResourceRouter().get("core", () => 1),
        ),
    ],
    [
      "a router twice at one path",
      () => {
        const other = new ResourceRouter();
        router().mount("a", other).mount("a", other);
      },
    ],
    ["options that are null", () => router().get("a", null as unknown as object, () => 1)],
    ["two handlers", () => router().get("a", (() => 1) as object, () => 2)],
    ["a body of GET", () => router().get("a", { body: Gains } as object, () => 1)],
    ["half a surrogate pair in a path", () => router().get("\ud800", () => 1)],
    ["half a surrogate pair in a title", () => router().get("a", { title: "\ud800" }, () => 1)],
    ["a middleware that is none", () => router().use(5 as never)],
  ])("%s", (_what, misuse) => {
    expect(misuse).toThrow(
      expect.objectContaining({
        code: expect.stringMatching(/^(INVALID|UNKNOWN)_(OPTION|TOPIC)$/),
      }),
    );
  });

  test("a mounted router that contains this one", () => {
    const [a, b, c] = [new ResourceRouter(), new ResourceRouter(), new ResourceRouter()];
    a.mount("b", b);
    b.mount("c", c);
    expect(() => c.mount("a", a)).toThrow("does not contain this one");
  });

  test("a path that is taken below", () => {
    const [a, b] = [new ResourceRouter(), new ResourceRouter()];
    a.get("b/x", () => 1).mount("b", b);
    expect(() => b.get("x", () => 2)).toThrow('option "path" is "b/x"');
  });
});
