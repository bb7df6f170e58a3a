// @ts-check
// A broker, a device and a requester in one process, and what they say to each other.
// usage: npm start
import {
  MQTTClient,
  MethodNotAllowedResponse,
  NotFoundResponse,
  RequestHandlerBase,
  ResponseCode,
  ResponseException,
  responseCodeName,
} from "gf-mqtt-client";
import { startDevBroker } from "gf-mqtt-dev-broker";

/** @import { RequestOptions, RequestPayload, RespondOptions } from "gf-mqtt-client" */

const DEVICE = "2D_XX_0_9999";
const REQUESTER = "2D_XX_0_9998";
const SUBSYSTEM = "axuv";

// The device: resources by path, a handler that carries out requests, a client that it is added to.

/** @type {Map<string, unknown>} */
const resources = new Map([["gains", [0, 1, 2, 3, 4]]]);

/**
 * What a request is answered with. An error is thrown: the client answers with its code.
 *
 * @param {RequestPayload} request
 * @returns {RespondOptions}
 */
const carryOut = ({ header: { method, path }, body }) => {
  if (method === "POST" && path === "captures") {
    const location = `captures/${resources.size}`;
    resources.set(location, body);
    return { code: ResponseCode.CREATED, location };
  }
  if (!resources.has(path)) throw new NotFoundResponse(`there is no ${path}`);
  switch (method) {
    case "GET":
      return { code: ResponseCode.CONTENT, body: resources.get(path) };
    case "PUT":
      resources.set(path, body);
      return { code: ResponseCode.CHANGED };
    case "DELETE":
      resources.delete(path);
      return { code: ResponseCode.DELETED };
    default:
      throw new MethodNotAllowedResponse(`${path} takes GET, PUT and DELETE`);
  }
};

const serveResources = new RequestHandlerBase({
  process: async (client, topic, request) => {
    // Devices can be busy or broken: this resource never answers.
    if (request.header.path === "stuck") return;
    await client.respond(topic, request, carryOut(request));
  },
});

// The requester: sends a request, and prints how it was answered and how long that took.

const line = (request = "", answer = "", time = "") =>
  console.log(`  ${request.padEnd(28)}${answer.padEnd(38)}${time.padStart(10)}`.trimEnd());

/**
 * @param {MQTTClient} client
 * @param {Pick<RequestOptions, "method" | "path" | "body" | "timeoutMs">} request
 */
const show = async (client, request) => {
  const { method = "GET", path, body } = request;
  const asked = `${method} ${path} ${body === undefined ? "" : JSON.stringify(body)}`;
  const started = performance.now();
  const elapsed = () => `${(performance.now() - started).toFixed(1)} ms`;
  try {
    const response = await client.request({
      targetDeviceTag: DEVICE,
      subsystem: SUBSYSTEM,
      ...request,
    });
    const { response_code: code, location } = response.header;
    const content = response.body ?? location;
    const shown = content === undefined ? "" : JSON.stringify(content);
    line(asked, `${code} ${responseCodeName(code)} ${shown}`, elapsed());
  } catch (error) {
    if (!(error instanceof ResponseException)) throw error;
    line(asked, `${error.responseCode} ${error.name}`, elapsed());
    line(`  ${String(error.detail)}`);
  }
};

const broker = await startDevBroker();
const device = new MQTTClient({ broker: broker.url, identifier: DEVICE });
const requester = new MQTTClient({ broker: broker.url, identifier: REQUESTER });
try {
  device.addMessageHandler(serveResources);
  await device.connect();
  await requester.connect();

  console.log(`\n  ${REQUESTER} asks ${DEVICE}, subsystem ${SUBSYSTEM}, over ${broker.url}\n`);
  line("request", "answer", "took");
  line("-".repeat(26), "-".repeat(38), "-".repeat(9));
  await show(requester, { path: "gains" });
  await show(requester, { method: "PUT", path: "gains", body: [8, 8, 4, 4, 2] });
  await show(requester, { path: "gains" });
  await show(requester, { method: "POST", path: "captures", body: { ms: 20 } });
  await show(requester, { path: "captures/1" });
  await show(requester, { method: "DELETE", path: "captures/1" });
  await show(requester, { path: "captures/1" });
  await show(requester, { method: "POST", path: "gains" });
  await show(requester, { path: "stuck", timeoutMs: 300 });

  const { requestsSent, responsesReceived, requestsUnanswered } = requester.statistics;
  console.log(
    `\n  ${requestsSent} requests sent, ${responsesReceived} answered, ${requestsUnanswered} not\n`,
  );
} finally {
  await requester.disconnect();
  await device.disconnect();
  await broker.close();
}
