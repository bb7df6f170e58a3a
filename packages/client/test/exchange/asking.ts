import { expect } from "vitest";
import { GatewayTimeoutResponse } from "../../src/index.ts";
import type { MQTTClient, RequestOptions } from "../../src/index.ts";
import type { WireTap } from "./wire-tap.ts";

/** Short, for requests that nobody is to answer. */
const VAIN_TIMEOUT_MS = 100;

/** The whole numbers from 0 up to, but not including, `count`. */
export const numbers = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, number) => number);

/** A request to a device. */
export const toDevice = (target: string, body: unknown = null): RequestOptions => ({
  targetDeviceTag: target,
  subsystem: "axuv",
  path: "gains",
  body,
});

/** The topic on which a response of that device comes. */
export const responseTopicOf = (target: string, last: string): string =>
  `gf_int_v1/axuv/response/${target}/${last}`;

/** The bodies that requests with the numbers as theirs bring back, one after another. */
export const ask = async (
  client: MQTTClient,
  target: string,
  count: number,
): Promise<readonly unknown[]> => {
  const bodies: unknown[] = [];
  for (const body of numbers(count)) {
    bodies.push((await client.request(toDevice(target, body))).body);
  }
  return bodies;
};

/** The same at once, one request to each of the targets. */
export const askAtOnce = async (
  client: MQTTClient,
  targets: readonly string[],
): Promise<readonly unknown[]> => {
  const requests = targets.map((target, body) => client.request(toDevice(target, body)));
  return (await Promise.all(requests)).map(({ body }) => body);
};

/** Asks a device that leaves the request unanswered, or answers where nobody listens. */
export const expectNoAnswer = async (client: MQTTClient, target: string): Promise<void> => {
  const request = client.request({ ...toDevice(target), timeoutMs: VAIN_TIMEOUT_MS });
  await expect(request).rejects.toBeInstanceOf(GatewayTimeoutResponse);
};

/** The topics that a client subscribed to for single requests, in order. */
export const extraTopicsOf = ({ subscribed }: WireTap): readonly string[] =>
  subscribed.filter((filter) => !filter.includes("+"));

/** The ids in the headers of the requests that a client sent, in order. */
export const requestIdsOf = ({ published }: WireTap): readonly string[] =>
  published.map(({ payload }) => {
    const request: { readonly header: { readonly request_id: string } } = JSON.parse(payload);
    return request.header.request_id;
  });
