import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { ForbiddenResponse, created } from "../../src/index.ts";
import { rejectionOf } from "./client-under-test.ts";
import type {
  ContractClient,
  ContractDevice,
  ContractRouter,
  ContractRouterOptions,
} from "./client-under-test.ts";
import type { Stage } from "./stage.ts";

const Gains = v.array(v.number());

interface Scene {
  readonly router: ContractRouter;
  readonly requester: ContractClient;
  readonly device: ContractClient;
  readonly axuv: ContractDevice;
}

/** Resources that a router serves. */
export const routerCases = (stage: Stage): void => {
  const scene = async (options: ContractRouterOptions = { subsystem: "axuv" }): Promise<Scene> => {
    const { requester, device } = await stage.pair();
    const router = new stage.handlers.ResourceRouter(options);
    device.addMessageHandler(router);
    return { router, requester, device, axuv: requester.device(device.identifier, "axuv") };
  };

  describe("a router", () => {
    test("answers with what its handlers give", async () => {
      const { router, axuv, device } = await scene();
      let gains = [1, 2];
      router.get("gains", { response: Gains }, () => gains);
      router.put("gains", { body: Gains }, ({ body }) => {
        gains = body;
      });
      router.post("captures", () => created("captures/7", { id: 7 }));
      router.delete("captures/:id", ({ params }) => params.id);
      expect((await axuv.put("gains", [3])).header.response_code).toBe(204);
      const { header, body } = await axuv.get("gains");
      expect(body).toEqual([3]);
      expect(header).toMatchObject({ response_code: 205, source: device.identifier });
      expect(await axuv.post("captures")).toMatchObject({
        body: { id: 7 },
        header: { response_code: 201, location: "captures/7" },
      });
      const deleted = await axuv.delete("captures/7");
      expect([deleted.header.response_code, deleted.body]).toEqual([202, "7"]);
    });

    test.each([
      ["nowhere", 404],
      ["gains", 405],
      ["refused", 403],
      ["broken", 500],
      ["unfit", 500],
      ["checked", 400],
    ])("answers POST %s with %i", async (path, responseCode) => {
      const { router, axuv } = await scene();
      router.get("gains", () => 1);
      router.post("refused", () => {
        throw new ForbiddenResponse("not today");
      });
      router.post("broken", () => {
        throw new Error("broken");
      });
      router.post("unfit", () => Number.NaN);
      router.post("checked", { body: Gains }, () => 1);
      expect(await rejectionOf(() => axuv.post(path, "text"))).toMatchObject({ responseCode });
    });

    test("asks middlewares and authorize()", async () => {
      const { router, axuv } = await scene({ authorize: ({ token }) => token === "t" });
      const seen: string[] = [];
      router.use(({ path }, next) => {
        seen.push(path);
        return next();
      });
      router.get("gains", () => 1);
      expect(await rejectionOf(() => axuv.get("gains"))).toMatchObject({ responseCode: 401 });
      expect((await axuv.get("gains", { token: "t" })).body).toBe(1);
      expect(seen).toEqual(["gains", "gains"]);
    });

    test("tells what it serves", async () => {
      const { router, axuv } = await scene();
      router.get("gains", { title: "Amplification", unit: "dB" }, () => 1);
      expect(await axuv.describe()).toEqual([
        { href: "gains", methods: ["GET"], title: "Amplification", unit: "dB", observable: false },
      ]);
    });

    test("knows how long its requester waits, where MQTT 5 tells it", async () => {
      const { router, axuv } = await scene();
      router.get("gains", ({ remainingMs }) => remainingMs <= 3_000);
      const { body } = await axuv.get("gains", { timeoutMs: 2_000 });
      expect(body).toBe(stage.brokers.protocol === "5");
    });

    test("copies the correlation id", async () => {
      const { router, axuv } = await scene();
      router.get("gains", ({ correlationId }) => correlationId);
      const correlationId = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
      const { body, header } = await axuv.get("gains", { correlationId });
      expect([body, header.correlation_id]).toEqual([correlationId, correlationId]);
    });
  });
};
