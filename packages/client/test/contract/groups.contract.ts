import { describe, expect, test } from "vitest";
import type { DeviceAnswer } from "../../src/index.ts";
import type { ContractClient } from "./client-under-test.ts";
import { rejectionOf } from "./client-under-test.ts";
import { testSeveralClients } from "./needs.ts";
import type { Stage } from "./stage.ts";

type Many = Parameters<ContractClient["requestMany"]>[0];

/** Requests to groups of devices, and to lists of them. */
export const groupCases = (stage: Stage): void => {
  const collect = async (
    requester: ContractClient,
    request: Many,
  ): Promise<readonly DeviceAnswer[]> => {
    const all: DeviceAnswer[] = [];
    for await (const answer of requester.requestMany(request)) all.push(answer);
    return all;
  };

  const group = (): string => stage.identifier("group");

  describe("a device that is in a group", () => {
    test("answers requests to the group as itself, also those that it sends", async () => {
      const name = group();
      const { requester, device } = await stage.pair({ device: { groups: [name] } });
      expect(device.groups).toEqual([name]);
      device.addMessageHandler(
        new stage.handlers.ResourceRouter({ subsystem: "axuv" }).get("status", () => "ready"),
      );
      const request = { group: name, subsystem: "axuv", path: "status", maxResponses: 1 };
      const answers = await collect(requester, request);
      expect(answers).toMatchObject([{ source: device.identifier, response: { body: "ready" } }]);
      expect(answers[0]?.response?.header).toMatchObject({
        source: device.identifier,
        response_code: 205,
      });
    });

    test("does not answer for what it does not have", async () => {
      const name = group();
      const { requester, device } = await stage.pair({ device: { groups: [name] } });
      device.addMessageHandler(new stage.handlers.ResourceRouter({ subsystem: "axuv" }));
      const request = { group: name, subsystem: "axuv", path: "status", timeoutMs: 100 };
      expect(await collect(requester, request)).toEqual([]);
    });

    test("gives its errors as values", async () => {
      const name = group();
      const { requester, device } = await stage.pair({ device: { groups: [name] } });
      device.addMessageHandler(
        new stage.handlers.ResourceRouter().get("status", () => {
          throw new Error("broken");
        }),
      );
      const request = { group: name, subsystem: "axuv", path: "status", maxResponses: 1 };
      expect(await collect(requester, request)).toMatchObject([
        { source: device.identifier, error: { name: "InternalServerErrorResponse" } },
      ]);
    });
  });

  describe("a request to a list of devices", () => {
    testSeveralClients(stage)("gives the answer of each", async () => {
      const { requester, device } = await stage.pair();
      device.addMessageHandler(new stage.handlers.ResourceRouter().get("status", () => 1));
      const targets = [device.identifier, "nobody"];
      const request = { targets, subsystem: "axuv", path: "status", timeoutMs: 300 };
      expect(await collect(requester, request)).toMatchObject([
        { source: device.identifier, response: { body: 1 } },
        { source: "nobody", error: { responseCode: 504 } },
      ]);
    });
  });

  test("a request to many without a connection is an error in the loop", async () => {
    const client = stage.newClient();
    const request = { group: "all", subsystem: "axuv", path: "status" };
    expect(await rejectionOf(() => collect(client, request))).toMatchObject({
      name: "NotConnectedError",
    });
  });
};
