import {
  MQTTClient,
  MessageHandlerBase,
  RequestHandlerBase,
  UnauthorizedResponse,
} from "gf-mqtt-client";
import { expect, test } from "vitest";

import { mosquittoPath, startMosquitto } from "../../packages/client/test/support/mosquitto.ts";
import { readText } from "./support/documents.ts";
import { blocksOf } from "./support/markdown.ts";

const aclOf = (document: string): string => {
  const blocks = blocksOf("docs/protocol.md", document);
  const acl = blocks.find(({ language, code }) => language === "conf" && code.includes("pattern"));
  if (acl === undefined) throw new Error("docs/protocol.md shows no access rules");
  return acl.code;
};

const reason = mosquittoPath === undefined ? " (skipped: Mosquitto is not installed)" : "";

test.skipIf(mosquittoPath === undefined)(
  `the access rules for Mosquitto let a requester ask a device, and nobody listen in${reason}`,
  async () => {
    const login = { username: "control", password: "secret" };
    await using broker = await startMosquitto({
      authenticate: login,
      acl: aclOf(readText("docs/protocol.md")),
      config: "allow_anonymous true",
    });
    await using device = new MQTTClient({ broker: broker.url, identifier: "2D_XX_0_9999" });
    await using requester = new MQTTClient({
      broker: broker.url,
      identifier: "control-1",
      mailbox: "control-1",
      ...login,
    });
    await using stranger = new MQTTClient({ broker: broker.url, subscriptions: ["gf_int_v1/#"] });
    const overheard: string[] = [];
    stranger.addMessageHandler(
      new MessageHandlerBase({ process: (_client, topic) => void overheard.push(topic) }),
    );
    device.addMessageHandler(
      new RequestHandlerBase({
        process: () => {
          throw new UnauthorizedResponse("as asked");
        },
      }),
    );
    await Promise.all([device.connect(), requester.connect(), stranger.connect()]);

    const gains = { targetDeviceTag: "2D_XX_0_9999", subsystem: "axuv", path: "gains" };
    await expect(requester.request(gains)).rejects.toThrow(UnauthorizedResponse);
    await expect(stranger.request({ ...gains, timeoutMs: 200 })).rejects.toMatchObject({
      response: undefined,
    });
    expect(overheard).toEqual([]);
  },
);
