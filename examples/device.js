// @ts-check
// A device that serves its resources until it is stopped with Ctrl-C.
// usage: node examples/device.js [host [port]]; see broker.js
import process from "node:process";
import {
  BadRequestResponse,
  MQTTClient,
  MethodNotAllowedResponse,
  NotFoundResponse,
  PayloadHandler,
  RequestHandlerBase,
  ResponseCode,
  TopicManager,
} from "gf-mqtt-client";
import { broker } from "./broker.js";

/** @import { RequestPayload, RespondOptions } from "gf-mqtt-client" */

const topics = new TopicManager();
const payloads = new PayloadHandler();

const device = new MQTTClient({ broker, identifier: "2D_XX_0_9999" });

let gains = [0, 1, 2, 3, 4];

/** @param {unknown} body */
const readGains = (body) => {
  if (Array.isArray(body) && body.every((gain) => typeof gain === "number")) return body;
  throw new BadRequestResponse("gains are an array of numbers");
};

/** Tells whoever listens, without being asked. */
const announceGains = () =>
  device.publish(
    `${topics.namespace}/axuv/event/${device.identifier}/gains`,
    payloads.createGeneralPayload({ gains }),
  );

/**
 * What a request is answered with; an error that is thrown becomes the answer.
 *
 * @param {RequestPayload} request
 * @returns {Promise<RespondOptions>}
 */
const carryOut = async ({ header: { method, path }, body }) => {
  const sample = /^samples\/(\d+)$/.exec(path)?.[1];
  if (sample !== undefined && method === "GET") {
    return { code: ResponseCode.CONTENT, body: Math.sin(Number(sample) / 10) };
  }
  if (path !== "gains") throw new NotFoundResponse(`there is no ${path}`);
  switch (method) {
    case "GET":
      return { code: ResponseCode.CONTENT, body: gains };
    case "PUT":
      gains = readGains(body);
      await announceGains();
      return { code: ResponseCode.CHANGED };
    default:
      throw new MethodNotAllowedResponse("gains take GET and PUT");
  }
};

device.addMessageHandler(
  new RequestHandlerBase({
    process: async (client, topic, request) => {
      const { method, path, source } = request.header;
      console.log(`${method} ${path} from ${source ?? "somebody"}`);
      await client.respond(topic, request, await carryOut(request));
    },
    propagate: false,
  }),
);

device.on("state", (state, previous, cause) => {
  console.log(`${previous} -> ${state}${cause === undefined ? "" : `: ${cause.message}`}`);
});

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void device.disconnect());

await device.connect();
console.log(`${device.identifier} serves gains and samples/N at ${device.broker}; Ctrl-C ends it`);
