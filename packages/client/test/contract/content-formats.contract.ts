import { describe, expect, test } from "vitest";
import { cbor } from "../../src/cbor.ts";
import type { ContractClient, ContractDevice, ContractRouter } from "./client-under-test.ts";
import { rejectionOf } from "./client-under-test.ts";
import type { Stage } from "./stage.ts";

const contentFormats = [cbor];

interface Scene {
  readonly router: ContractRouter;
  readonly requester: ContractClient;
  readonly device: ContractClient;
  readonly axuv: ContractDevice;
}

/** Bodies in CBOR, between clients that have it. */
export const contentFormatCases = (stage: Stage): void => {
  const scene = async (): Promise<Scene> => {
    const { requester, device } = await stage.pair({
      requester: { contentFormats },
      device: { contentFormats },
    });
    const router = new stage.handlers.ResourceRouter({ subsystem: "axuv" });
    device.addMessageHandler(router);
    return { router, requester, device, axuv: requester.device(device.identifier, "axuv") };
  };

  describe("with CBOR", () => {
    test("typed arrays and exact integers go to the device and come back", async () => {
      const { router, axuv } = await scene();
      let kept: unknown = { samples: Float32Array.from({ length: 50_000 }, (_, n) => n / 7) };
      router.get("data", () => kept);
      router.put("data", ({ body }) => {
        kept = body;
      });
      expect((await axuv.get("data")).body).toStrictEqual(kept);
      const body = { ticks: BigInt64Array.of(-1n), count: 2n ** 60n, raw: Uint8Array.of(1, 2) };
      await axuv.put("data", body);
      expect(kept).toStrictEqual(body);
      expect((await axuv.get("data")).body).toStrictEqual(body);
    });

    test("what it cannot carry is refused with its place", async () => {
      const { router, axuv } = await scene();
      router.get("count", () => 1);
      await axuv.get("count");
      const error = await rejectionOf(() => axuv.put("data", { list: [1, undefined] }));
      expect(error).toMatchObject({
        code: "INVALID_PAYLOAD",
        issues: [{ path: "body.list[1]", message: "CBOR cannot carry undefined" }],
      });
    });

    test("who has JSON alone gets JSON", async () => {
      const { router, device } = await scene();
      router.get("data", () => ({ samples: [1, 2] }));
      const other = await stage.client();
      const { body } = await other.device(device.identifier, "axuv").get("data");
      expect(body).toEqual({ samples: [1, 2] });
    });
  });
};
