import * as v from "valibot";
import { describe, expect, expectTypeOf, test } from "vitest";
import {
  ForbiddenResponse,
  MQTTClient,
  ResourceRouter,
  ResponseCode,
  answer,
  created,
  valid,
} from "../../src/index.ts";
import type { MQTTClientOptions, ResourceRouterOptions } from "../../src/index.ts";
import { MemoryBroker } from "../../src/testing.ts";
import { recordingLogger } from "../runtime/recording-logger.ts";

const Gains = v.array(v.number());

/** A device with a router, and who asks it. */
const scene = async (
  options: ResourceRouterOptions = { subsystem: "axuv" },
  clientOptions: Partial<MQTTClientOptions> = {},
) => {
  const { connection } = new MemoryBroker();
  const { logger, entries } = recordingLogger();
  const device = new MQTTClient({
    ...connection,
    identifier: "d",
    logger,
    ...clientOptions,
  });
  const requester = new MQTTClient({ ...connection, timeoutMs: 1_000 });
  const router = new ResourceRouter(options);
  device.addMessageHandler(router);
  await Promise.all([device.connect(), requester.connect()]);
  const axuv = requester.device("d", "axuv");
  return {
    device,
    requester,
    router,
    axuv,
    entries,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([device.disconnect(), requester.disconnect()]);
    },
  };
};

describe("what a handler returns is the answer", () => {
  test.each([
    ["get", 205, [1, 2]],
    ["post", 204, [1, 2]],
    ["put", 204, [1, 2]],
    ["delete", 202, [1, 2]],
  ] as const)("%s answers %i", async (method, code, body) => {
    await using there = await scene();
    there.router[method]("gains", () => [1, 2]);
    const response = await there.axuv[method]("gains");
    expect(response.header).toMatchObject({ response_code: code, path: "gains", source: "d" });
    expect(response.body).toEqual(body);
  });

  test("nothing to a GET is null with 205", async () => {
    await using there = await scene();
    there.router.get("gains", () => undefined);
    expect(await there.axuv.get("gains")).toMatchObject({
      body: null,
      header: { response_code: 205 },
    });
  });

  test("created() answers 201 with the location", async () => {
    await using there = await scene();
    there.router.post("captures", async () => created("captures/7", { id: 7 }));
    expect(await there.axuv.post("captures")).toMatchObject({
      body: { id: 7 },
      header: { response_code: 201, location: "captures/7" },
    });
  });

  test("valid() and answer() answer their codes and header fields", async () => {
    await using there = await scene();
    there.router.get("valid", () => valid());
    there.router.get("full", () => answer(ResponseCode.CONTENT, 1, { max_age: 5 }));
    there.router.get("no", () => answer(ResponseCode.PRECONDITION_FAILED, "not armed"));
    expect((await there.axuv.get("valid")).header.response_code).toBe(203);
    expect((await there.axuv.get("full")).header).toMatchObject({ max_age: 5 });
    await expect(there.axuv.get("no")).rejects.toMatchObject({
      responseCode: 412,
      detail: "not armed",
    });
  });

  test("a body that JSON cannot carry is 500, and logged", async () => {
    await using there = await scene();
    there.router.get("gains", () => Number.NaN);
    await expect(there.axuv.get("gains")).rejects.toMatchObject({ responseCode: 500 });
    expect(there.entries).toContainEqual(
      expect.objectContaining({ level: "error", message: "a request handler threw" }),
    );
  });
});

describe("paths", () => {
  test.each([
    ["captures/:id", "captures/7", { id: "7" }],
    ["captures/:id", "/captures/a b", { id: "a b" }],
    [":kind/:id", "captures/ä%2f", { kind: "captures", id: "ä%2f" }],
    ["files/**", "files/a/b", { "**": "a/b" }],
    ["files/**", "files", { "**": "" }],
    ["a/*/c", "a/b/c", {}],
    ["odd (x){y}/:id", "odd (x){y}/1", { id: "1" }],
  ])("%s matches %s", async (pattern, path, params) => {
    await using there = await scene();
    there.router.get(pattern, (context) => ({ ...context.params }));
    expect((await there.axuv.get(path)).body).toEqual(params);
  });

  test.each([
    ["captures/:id", "captures/"],
    ["captures/:id", "captures"],
    ["captures/:id", "captures/1/2"],
    ["a/*", "a/b/c"],
    ["a/*", "a"],
    ["gains", "gains/"],
  ])("%s does not match %s", async (pattern, path) => {
    await using there = await scene();
    there.router.get(pattern, () => 1);
    await expect(there.axuv.get(path)).rejects.toMatchObject({ responseCode: 404 });
  });

  test("the most specific one that takes the method answers", async () => {
    await using there = await scene();
    there.router.get("captures/latest", () => "latest");
    there.router.get("captures/:id", () => "one");
    there.router.get("captures/**", () => "all");
    there.router.delete("captures/:id", () => "deleted");
    const bodies = await Promise.all(
      ["captures/latest", "captures/7", "captures/7/data"].map((path) => there.axuv.read(path)),
    );
    expect(bodies).toEqual(["latest", "one", "all"]);
    expect((await there.axuv.delete("captures/latest")).body).toBe("deleted");
  });

  test("an unknown one is 404 and names near ones", async () => {
    await using there = await scene();
    there.router.get("sample_rate", () => 1);
    await expect(there.axuv.get("sampleRate")).rejects.toMatchObject({
      responseCode: 404,
      detail: "there is no sampleRate; there is sample_rate",
    });
  });

  test("another method is 405 and names those there are", async () => {
    await using there = await scene();
    there.router.get("gains", () => 1).put("gains", () => undefined);
    await expect(there.axuv.post("gains")).rejects.toMatchObject({
      responseCode: 405,
      detail: "gains takes GET, PUT, not POST",
    });
  });

  test("the query is no part of the path", async () => {
    await using there = await scene();
    there.router.get("gains", ({ query, path }) => [path, query.get("unit"), query.getAll("c")]);
    expect(await there.axuv.read("gains?unit=dB&c=1&c=2")).toEqual(["gains", "dB", ["1", "2"]]);
  });

  test("have typed parameters", () => {
    const router = new ResourceRouter();
    router.get("a/:id/b/:name", ({ params, body }) => {
      expectTypeOf(params).toEqualTypeOf<{ readonly id: string; readonly name: string }>();
      expectTypeOf(body).toEqualTypeOf<unknown>();
    });
    router.put("g", { body: Gains }, ({ body }) => {
      expectTypeOf(body).toEqualTypeOf<number[]>();
    });
    router.get("g", { response: Gains }, () => [1]);
    // @ts-expect-error -- the schema of the response wants numbers
    router.get("h", { response: Gains }, () => ["1"]);
  });
});

describe("another subsystem or device", () => {
  test("is not answered", async () => {
    await using there = await scene();
    there.router.get("gains", () => 1);
    const { requester, entries } = there;
    const other = requester.device("d", "adc").get("gains", { timeoutMs: 30 });
    await expect(other).rejects.toMatchObject({ responseCode: 504 });
    expect(entries).toContainEqual(
      expect.objectContaining({ level: "debug", message: "no handler wanted a request" }),
    );
  });

  test("two routers of different subsystems live together", async () => {
    await using there = await scene();
    const adc = new ResourceRouter({ subsystem: "adc" });
    there.device.addMessageHandler(adc);
    there.router.get("gains", () => "axuv");
    adc.get("gains", () => "adc");
    expect(await there.axuv.read("gains")).toBe("axuv");
    expect(await there.requester.device("d", "adc").read("gains")).toBe("adc");
  });

  test("is answered by a router that stands for it", async () => {
    await using there = await scene({ targets: ["e"] });
    await there.device.subscribe("gf_int_v1/+/request/e/+");
    there.router.get("gains", () => 2);
    expect(await there.requester.device("e", "axuv").read("gains")).toBe(2);
  });
});

describe("what goes wrong", () => {
  test("a refused body is 400 with every issue", async () => {
    await using there = await scene();
    there.router.put("gains", { body: Gains }, () => undefined);
    const error: unknown = await there.axuv.put("gains", [1, "2"]).catch((e: unknown) => e);
    expect(error).toMatchObject({ responseCode: 400 });
    expect(String((error as { detail: unknown }).detail)).toMatch(/^body\[1\]: /);
  });

  test("a refused result is 500, its issues in the log", async () => {
    await using there = await scene();
    there.router.get("gains", { response: Gains }, () => JSON.parse('["x"]') as number[]);
    await expect(there.axuv.get("gains")).rejects.toMatchObject({
      responseCode: 500,
      detail: "internal server error",
    });
    const [entry] = there.entries.filter(({ level }) => level === "error");
    expect(String(entry?.fields["error"])).toContain("response of GET gains: body[0]");
  });

  test("a thrown ResponseException is its code", async () => {
    await using there = await scene();
    there.router.get("gains", () => {
      throw new ForbiddenResponse("not today");
    });
    await expect(there.axuv.get("gains")).rejects.toMatchObject({
      responseCode: 403,
      detail: "not today",
    });
  });

  test("anything else is 500, and logged", async () => {
    await using there = await scene();
    const fault = new Error("broken");
    there.router.get("gains", () => Promise.reject(fault));
    await expect(there.axuv.get("gains")).rejects.toMatchObject({ responseCode: 500 });
    expect(there.entries).toContainEqual(
      expect.objectContaining({
        level: "error",
        fields: { topic: expect.any(String), error: fault },
      }),
    );
  });

  test("a handler that takes too long is 504, and its signal aborts", async () => {
    await using there = await scene({ handlerTimeoutMs: 20 });
    let signal: AbortSignal | undefined;
    there.router.get("gains", (context) => {
      signal = context.signal;
      return new Promise(() => undefined);
    });
    await expect(there.axuv.get("gains")).rejects.toMatchObject({
      responseCode: 504,
      detail: "no result within 20 ms",
    });
    expect(signal?.reason).toMatchObject({ responseCode: 504 });
  });
});

describe("a request whose requester gives up", () => {
  test("aborts the signal of its handler", async () => {
    await using there = await scene();
    let signal: AbortSignal | undefined;
    there.router.get("gains", (context) => {
      signal = context.signal;
      return new Promise(() => undefined);
    });
    await expect(there.axuv.get("gains", { timeoutMs: 30 })).rejects.toMatchObject({
      responseCode: 504,
    });
    await expect.poll(() => signal?.aborted).toBe(true);
  });
});

describe("authorize", () => {
  test.each([
    [undefined, 401],
    ["wrong", 403],
  ])("false is, with the token %s, %i", async (token, responseCode) => {
    await using there = await scene({ authorize: (context) => context.token === "right" });
    there.router.get("gains", () => 1);
    await expect(there.axuv.get("gains", { token })).rejects.toMatchObject({ responseCode });
    expect((await there.axuv.get("gains", { token: "right" })).body).toBe(1);
  });
});

describe("middlewares", () => {
  test("stand around the handlers in their order, and see the answer of an error", async () => {
    await using there = await scene();
    const seen: unknown[] = [];
    for (const name of ["outer", "inner"]) {
      there.router.use(async (context, next) => {
        seen.push(`${name} ${context.path}`);
        const given = await next();
        seen.push([name, given.code]);
        return given;
      });
    }
    there.router.get("gains", () => {
      throw new ForbiddenResponse();
    });
    await expect(there.axuv.get("gains")).rejects.toMatchObject({ responseCode: 403 });
    await expect(there.axuv.get("none")).rejects.toMatchObject({ responseCode: 404 });
    expect(seen).toEqual([
      "outer gains",
      "inner gains",
      ["inner", 403],
      ["outer", 403],
      "outer none",
      "inner none",
      ["inner", 404],
      ["outer", 404],
    ]);
  });

  test("may change the answer, give their own, or leave it to next()", async () => {
    await using there = await scene();
    there.router.use(async (context, next) => {
      if (context.query.has("own")) return answer(ResponseCode.CONTENT, "own");
      await next();
      return undefined;
    });
    there.router.get("gains", () => 1);
    expect(await there.axuv.read("gains")).toBe(1);
    expect(await there.axuv.read("gains?own")).toBe("own");
  });
});

describe("mounted routers", () => {
  test("serve below their prefix, routes that come later included", async () => {
    await using there = await scene();
    const adc = new ResourceRouter();
    adc.get("gains", () => "before");
    there.router.mount("adc", adc);
    adc.get("captures/:id", ({ params }) => params.id);
    expect(await there.axuv.read("adc/gains")).toBe("before");
    expect(await there.axuv.read("adc/captures/3")).toBe("3");
    await expect(there.axuv.get("gains")).rejects.toMatchObject({ responseCode: 404 });
  });
});

describe("discovery", () => {
  test("tells what is served, filtered by the query", async () => {
    await using there = await scene();
    there.router.get("gains", { response: Gains, title: "Amplification", unit: "dB" }, () => [1]);
    there.router.put("gains", { body: Gains }, () => undefined);
    there.router.delete("captures/:id", () => undefined);
    expect(await there.axuv.describe()).toEqual([
      {
        href: "gains",
        methods: ["GET", "PUT"],
        title: "Amplification",
        unit: "dB",
        observable: false,
      },
      { href: "captures/:id", methods: ["DELETE"], observable: false },
    ]);
    expect(await there.axuv.describe({ query: "href=capt*" })).toHaveLength(1);
    expect(await there.axuv.describe({ query: "methods=PUT&unit=dB" })).toHaveLength(1);
    expect(await there.axuv.describe({ query: "unit=V" })).toEqual([]);
  });
});
