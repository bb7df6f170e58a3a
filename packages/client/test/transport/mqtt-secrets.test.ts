import { startDevBroker } from "gf-mqtt-dev-broker";
import { describe, expect, test } from "vitest";
import { ChildProgram } from "../support/child-program.ts";

/*
 * These run the built package in a process of its own: `npm run build` first, as `npm test` does.
 */

const SECRETS = ["pass-5ecret", "token-5ecret", "body-5ecret", "query-5ecret"];

/** A client that asks itself, with everything that must not be seen. */
const program = (url: string): string => `
  import { MQTTClient, RequestHandlerBase } from "gf-mqtt-client";
  const client = new MQTTClient({
    broker: ${JSON.stringify(url)}, identifier: "device",
    username: "user", password: "pass-5ecret", subscriptions: ["events/#"],
  });
  client.addMessageHandler(new RequestHandlerBase({
    process: (self, topic, request) => self.respond(topic, request, { body: request.body }),
  }));
  await client.connect();
  for (const qos of [0, 1, 2]) {
    const gains = { targetDeviceTag: "device", subsystem: "axuv", path: "gains", qos };
    await client.request({ ...gains, method: "PUT", token: "token-5ecret", body: "body-5ecret" });
    await client.publish("events/all", { body: "body-5ecret", timestamp: 1 }, { qos, retain: true });
  }
  await client.disconnect();
  console.log("done");
`;

describe("a program with DEBUG=* in its environment", () => {
  test.each([
    ["TCP", "url", ""],
    ["WebSocket", "wsUrl", "/?token=query-5ecret"],
  ] as const)("prints no password, token or payload over %s", async (_network, over, query) => {
    await using broker = await startDevBroker();
    const child = new ChildProgram(
      ["--input-type=module", "--eval", program(`${broker[over]}${query}`)],
      { DEBUG: "*", DEBUG_DEPTH: "9", DEBUG_COLORS: "no" },
    );
    const { code, output, errorOutput } = await child.ended;
    expect(output).toBe("done\n");
    expect(code).toBe(0);
    for (const secret of SECRETS) {
      expect(errorOutput).not.toContain(secret);
      // As bytes, too.
      expect(errorOutput).not.toContain(
        Buffer.from(secret)
          .toString("hex")
          .replace(/..(?!$)/g, "$& "),
      );
    }
  });
});
