import { startDevBroker } from "gf-mqtt-dev-broker";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { MessageHandler, RequestPayload } from "../../src/index.ts";
import { GfMqttError, MQTTClient, RequestHandlerBase } from "../../src/index.ts";
import { createPrintingLogger } from "../../src/runtime/printing-logger.ts";
import { mosquittoPath, startMosquitto } from "../support/mosquitto.ts";

/** Nobody may write a request to "locked", nor "muted" a response. */
const ACL = `
topic readwrite gf_int_v1/axuv/request/pump/#
topic readwrite gf_int_v1/axuv/request/muted/#
topic readwrite gf_int_v1/axuv/request/away/#
topic read gf_int_v1/axuv/request/locked/#
topic readwrite gf_int_v1/axuv/response/pump/#
topic read gf_int_v1/+/response/#
`;

const SEEN = "gf_int_v1/+/response/+/M";
const READ = `check that the broker's access rules let this client read its responses, which come on ${SEEN}`;

const sentTo = (target: string, path: string): string =>
  `504 GATEWAY_TIMEOUT from ${target} for GET ${path}: "no response within 400 ms; the device may still have acted"; ` +
  `check that ${target} is connected and answers this path; with qos 1 and MQTT 5 the broker tells when nobody listens, ` +
  `or when its access rules forbid the request; ${READ}`;

const acknowledgedFor = (target: string, path: string): string =>
  `504 GATEWAY_TIMEOUT from ${target} for GET ${path}: "no response within 400 ms, though the broker has the request; ` +
  `the device may still have acted"; check that ${target} answers this path and may publish its responses; ${READ}`;

const FAILED = (path: string): string =>
  `500 INTERNAL_SERVER_ERROR from pump for GET ${path}: "internal server error"`;

const NOBODY =
  "503 SERVICE_UNAVAILABLE from away for GET gains: \"the broker has no subscriber for this device's requests; " +
  'check that away is connected under this identifier, and that it may read them"';

const FORBIDDEN =
  'BROKER refused the message to "gf_int_v1/axuv/request/locked/M": Not authorized (135); ' +
  "check that the broker's ACL lets this client write to it";

interface Row {
  readonly what: string;
  readonly target: string;
  readonly path: string;
  readonly qos: 0 | 1;
  /** What the requester is told, over MQTT 5. */
  readonly text: string;
  /** The same over MQTT 3.1.1. */
  readonly text3: string;
}

const row = (
  what: string,
  [target, path, qos]: readonly [string, string, 0 | 1],
  ...[text, text3 = text]: readonly [string, string?]
): Row => ({ what, target, path, qos, text, text3 });

const rows: readonly Row[] = [
  row("a request that the ACL refuses", ["locked", "gains", 0], sentTo("locked", "gains")),
  row("the same", ["locked", "gains", 1], FORBIDDEN, acknowledgedFor("locked", "gains")),
  row("a response that the ACL refuses", ["muted", "gains", 0], sentTo("muted", "gains")),
  row("the same", ["muted", "gains", 1], acknowledgedFor("muted", "gains")),
  row("a device that is away", ["away", "gains", 0], sentTo("away", "gains")),
  row("the same", ["away", "gains", 1], NOBODY, acknowledgedFor("away", "gains")),
  row("a handler that forgets to answer", ["pump", "forgets", 0], sentTo("pump", "forgets")),
  row("the same", ["pump", "forgets", 1], acknowledgedFor("pump", "forgets")),
  row("a handler that returns a body", ["pump", "returns", 0], sentTo("pump", "returns")),
  row("a handler that throws", ["pump", "throws", 0], FAILED("throws")),
];

/** What the device prints by default, of the row with this path. */
const printed: Readonly<Record<string, string>> = {
  returns:
    "gf-mqtt-client error: a message handler failed (topic: gf_int_v1/axuv/request/pump/M, error: invalid result of a " +
    "request handler: it is not sent as the answer; call client.respond(), or use a ResourceRouter)",
  throws:
    "gf-mqtt-client error: a request handler threw (topic: gf_int_v1/axuv/request/pump/M, error: the valve is stuck)",
};

/** A device whose author errs in the way that the path names. */
const erring = (): MessageHandler =>
  new RequestHandlerBase({
    process: (client, topic, request) => {
      const { path } = request.header;
      if (path === "throws") throw new RangeError("the valve is stuck");
      if (path === "returns") return JSON.parse('{"volts":1}') as RequestPayload;
      return path === "forgets" ? undefined : client.respond(topic, request, { body: 1 });
    },
  });

interface Where extends AsyncDisposable {
  readonly url: string;
}

const brokers: readonly (readonly [string, boolean, () => Promise<Where>])[] = [
  ["Mosquitto with an ACL", mosquittoPath === undefined, () => startMosquitto({ acl: ACL })],
  ["the embedded broker", false, () => startDevBroker()],
];

describe.each(brokers)("over %s", (name, isMissing, start) => {
  describe.skipIf(isMissing).each(["5", "3.1.1"] as const)(
    `and MQTT %s${isMissing ? " (skipped: Mosquitto is not installed)" : ""}`,
    (protocolVersion) => {
      const lines: string[] = [];
      const opened: AsyncDisposable[] = [];
      const use = <Resource extends AsyncDisposable>(resource: Resource): Resource => {
        opened.push(resource);
        return resource;
      };
      const made: { broker?: Where; requester?: MQTTClient } = {};

      beforeAll(async () => {
        const broker = use(await start());
        const { url } = broker;
        const logger = createPrintingLogger("error", (text) =>
          lines.push(text.split("\n")[0] ?? ""),
        );
        for (const identifier of ["pump", "muted", "locked"]) {
          const device = new MQTTClient({ broker: url, identifier, protocolVersion, logger });
          device.addMessageHandler(erring());
          await use(device).connect();
        }
        const requester = new MQTTClient({ broker: url, mailbox: "M", protocolVersion });
        await use(requester).connect();
        Object.assign(made, { broker, requester });
      });
      afterAll(async () => {
        for (const each of opened.toReversed()) await each[Symbol.asyncDispose]();
      });

      const own = rows.filter(({ target }) => name.startsWith("Mosquitto") || target === "pump");
      test.each(own)("$what ($target, QoS $qos) explains itself", async (each) => {
        const { target, path, qos } = each;
        const from = lines.length;
        const asked = made.requester?.device(target, "axuv").get(path, { qos, timeoutMs: 400 });
        const error: unknown = await asked?.catch((thrown: unknown) => thrown);
        if (!(error instanceof GfMqttError)) throw new Error("not told", { cause: error });
        const told = error.message.replace(String(made.broker?.url), "BROKER");
        expect(told).toBe(protocolVersion === "5" ? each.text : each.text3);
        const line = printed[path];
        expect(lines.slice(from)).toEqual(line === undefined ? [] : [line]);
      });
    },
  );
});
