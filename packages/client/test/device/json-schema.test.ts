import { toStandardJsonSchema } from "@valibot/to-json-schema";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type } from "arktype";
import { expect, test } from "vitest";
import { MQTTClient, ResourceRouter } from "gf-mqtt-client";
import { MemoryBroker } from "gf-mqtt-client/testing";
import * as v from "valibot";
import * as z from "zod";

const LIBRARIES: readonly (readonly [name: string, schema: StandardSchemaV1])[] = [
  ["valibot", toStandardJsonSchema(v.object({ gain: v.pipe(v.number(), v.minValue(0)) }))],
  ["zod", z.object({ gain: z.number().min(0) })],
  ["arktype", type({ gain: "number >= 0" })],
];

test.each(LIBRARIES)(
  "a schema of %s is told as JSON Schema, and checks the body",
  async (_name, schema) => {
    const broker = new MemoryBroker();
    const router = new ResourceRouter({ subsystem: "axuv" });
    let gains: unknown = { gain: 1 };
    router.get("gains", { response: schema }, () => gains);
    router.put("gains", { body: schema }, ({ body }) => {
      gains = body;
    });
    await using _device = await broker.simulate("pump-1", router);
    await using client = await new MQTTClient({ ...broker.connection }).connect();
    const axuv = client.device("pump-1", "axuv");

    const [described] = await axuv.describe();
    const expected = {
      type: "object",
      properties: { gain: { type: "number", minimum: 0 } },
      required: ["gain"],
    };
    expect(described).toMatchObject({ body: expected, response: expected });
    await axuv.put("gains", { gain: 2 });
    expect(await axuv.read("gains", schema)).toEqual({ gain: 2 });
    await expect(axuv.put("gains", { gain: -1 })).rejects.toMatchObject({ responseCode: 400 });
  },
);

test("a schema of valibot alone checks the body, and is not told", async () => {
  const broker = new MemoryBroker();
  const router = new ResourceRouter({ subsystem: "axuv" });
  router.put("gains", { body: v.number() }, () => undefined);
  await using _device = await broker.simulate("pump-1", router);
  await using client = await new MQTTClient({ ...broker.connection }).connect();
  const [described] = await client.device("pump-1", "axuv").describe();
  expect(described).toMatchObject({ href: "gains", methods: ["PUT"] });
  expect(described).not.toHaveProperty("body");
});
