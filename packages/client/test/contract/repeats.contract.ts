import { describe, expect, test } from "vitest";
import { NotFoundResponse } from "../../src/index.ts";
import type { ContractClient } from "./client-under-test.ts";
import { rejectionOf } from "./client-under-test.ts";
import { answer, gains, responseTopicOf, serve } from "./devices.ts";
import type { Asked } from "./devices.ts";
import type { Stage } from "./stage.ts";

type Answering = (client: ContractClient, asked: Asked, run: number) => unknown;

const waysToAnswer: readonly (readonly [string, Answering])[] = [
  ["respond()", (client, { topic, request }, run) => client.respond(topic, request, { body: run })],
  ["publish()", (client, asked, run) => answer(client, asked, { body: run })],
  [
    "an error that it throws",
    (_client, _asked, run) => {
      throw new NotFoundResponse(run);
    },
  ],
];

/** Requests that come twice, and those that are sent again. */
export const repeatCases = (stage: Stage): void => {
  describe("a request that comes twice", () => {
    test.each(waysToAnswer)(
      "is handled once and answered twice, by a handler that answers with %s",
      async (_how, respond) => {
        const device = await stage.client();
        let runs = 0;
        device.addMessageHandler(
          new stage.handlers.RequestHandlerBase({
            process: (client, topic, request) => {
              runs += 1;
              return respond(client, { topic, request }, runs) as void;
            },
          }),
        );
        const peer = await stage.peer();
        const topic = `gf_int_v1/axuv/request/${device.identifier}/a`;
        const answers = await peer.listen(responseTopicOf(topic));
        const header = { method: "POST", path: "gains", request_id: "a" };
        const payload = JSON.stringify({ header, body: null, timestamp: 0 });
        peer.send({ topic, payload });
        const first = await answers.next();
        peer.send({ topic, payload });
        const second = await answers.next();
        expect(second.text).toBe(first.text);
        expect(JSON.parse(first.text)).toMatchObject({ body: 1, header: { request_id: "a" } });
        expect(runs).toBe(1);
      },
    );
  });

  describe("a request with retry", () => {
    const retry = { attempts: 3, minDelayMs: 1 };

    test("is sent again with its id after a 503, until there is another answer", async () => {
      const { requester, device } = await stage.pair();
      const ids: string[] = [];
      serve(stage, device, ({ header }) => {
        ids.push(header.request_id);
        return ids.length < 3 ? { code: 503 } : { body: "at last" };
      });
      // On a slow machine, a 503 may come when the next attempt has been made: there are some to spare.
      const patient = { attempts: 20, minDelayMs: 20 };
      const options = { ...gains(device), method: "POST", retry: patient } as const;
      const response = await requester.request(options);
      expect(response.body).toBe("at last");
      expect([ids.length, new Set(ids).size]).toEqual([3, 1]);
    });

    test("ends with the last 503 when its attempts are used up", async () => {
      const { requester, device } = await stage.pair();
      serve(stage, device, () => ({ code: 503, body: "busy" }));
      const call = (): unknown => requester.request({ ...gains(device), retry });
      expect(await rejectionOf(call)).toMatchObject({ responseCode: 503, detail: "busy" });
    });

    test("of the client is not for POST", async () => {
      const { requester, device } = await stage.pair({ requester: { retry } });
      let asked = 0;
      serve(stage, device, () => {
        asked += 1;
        return { code: 503 };
      });
      const post = (): unknown => requester.request({ ...gains(device), method: "POST" });
      expect(await rejectionOf(post)).toMatchObject({ responseCode: 503 });
      expect(asked).toBe(1);
    });
  });
};
