import { expect, test, vi } from "vitest";
import { SyncRequestHandlerBase } from "../../src/index.ts";
import { SyncScene, gains } from "./sync-scene.ts";
import { errorOf } from "./thrown-by.ts";

/** What a client of a level prints when one of its handlers throws. */
const printed = async (logLevel: "silent" | "error" | "debug" | undefined): Promise<string> => {
  await using scene = await SyncScene.start();
  const lines: string[] = [];
  vi.spyOn(process.stderr, "write").mockImplementation((text) => lines.push(String(text)) > 0);
  const client = scene.client({ logLevel });
  client.addMessageHandler(
    new SyncRequestHandlerBase({
      process: () => {
        throw new RangeError("out of order");
      },
    }),
  );
  errorOf(() => client.request(gains(client.identifier)));
  return lines.join("");
};

test("a blocking client prints what its handlers throw, and nothing else, unless told otherwise", async () => {
  const text = await printed(undefined);
  expect(text).toContain("gf-mqtt-client error: a request handler threw");
  expect(text).toContain("out of order");
  expect(text).not.toContain("gf-mqtt-client info");
});

test("a silent blocking client prints nothing", async () => {
  expect(await printed("silent")).toBe("");
});

test("a blocking client prints what goes on in its worker at debug", async () => {
  const text = await printed("debug");
  expect(text).toContain("gf-mqtt-client info: the connection changed its state");
});
