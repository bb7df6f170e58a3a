// @ts-check
// A device written with the blocking client: publishes a sample every second and serves its gains
// meanwhile, until it is stopped with Ctrl-C.
// usage: node examples/sync-device.js [host [port]]; see broker.js
import {
  BadRequestResponse,
  MethodNotAllowedResponse,
  NotFoundResponse,
  PayloadHandler,
  ResponseCode,
  SyncMQTTClient,
  SyncRequestHandlerBase,
  TopicManager,
} from "gf-mqtt-client";
import { broker } from "./broker.js";

/** @import { RequestPayload, RespondOptions } from "gf-mqtt-client" */

const topics = new TopicManager();
const payloads = new PayloadHandler();

const device = new SyncMQTTClient({ broker, identifier: "2D_XX_0_9999" });

let gains = [0, 1, 2, 3, 4];

/** @param {unknown} body */
const readGains = (body) => {
  if (Array.isArray(body) && body.every((gain) => typeof gain === "number")) return body;
  throw new BadRequestResponse("gains are an array of numbers");
};

/**
 * What a request is answered with; an error that is thrown becomes the answer.
 *
 * @param {RequestPayload} request
 * @returns {RespondOptions}
 */
const carryOut = ({ header: { method, path }, body }) => {
  if (path !== "gains") throw new NotFoundResponse(`there is no ${path}`);
  switch (method) {
    case "GET":
      return { code: ResponseCode.CONTENT, body: gains };
    case "PUT":
      gains = readGains(body);
      return { code: ResponseCode.CHANGED };
    default:
      throw new MethodNotAllowedResponse("gains take GET and PUT");
  }
};

device.addMessageHandler(
  new SyncRequestHandlerBase({
    process: (client, topic, request) => {
      const { method, path, source } = request.header;
      console.log(`${method} ${path} from ${source ?? "somebody"}`);
      client.respond(topic, request, carryOut(request));
    },
    propagate: false,
  }),
);

device.on("state", (state, previous, cause) => {
  console.log(`${previous} -> ${state}${cause === undefined ? "" : `: ${cause.message}`}`);
});

device.connect();
console.log(`${device.identifier} serves gains at ${device.broker}; Ctrl-C ends it`);

const sampleTopic = `${topics.namespace}/axuv/event/${device.identifier}/sample`;
for (let count = 0; ; count += 1) {
  // Nobody waits for a sample: what cannot be sent is left out.
  const sample = payloads.createGeneralPayload(Math.sin(count / 10));
  device.publish(sampleTopic, sample, { wait: false });
  device.sleep(1_000); // requests are handled meanwhile
}
