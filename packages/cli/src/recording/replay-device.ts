import { setTimeout as sleep } from "node:timers/promises";

import { NotFoundResponse, RequestHandlerBase, TopicManager, isResponseCode } from "gf-mqtt-client";
import type { RequestPayload } from "gf-mqtt-client";

import type { Cli } from "../cli.ts";
import { CliFailure, UsageFailure } from "../failures/cli-failure.ts";
import { serveDevice } from "../serving/serve-device.ts";
import type { ServeFlags } from "../serving/serve-device.ts";
import type { RecordedExchange, RecordedResponse } from "./recorded-exchanges.ts";

/** Options of `replay`. */
export interface ReplayFlags extends ServeFlags {
  /** Send the requests, instead of the answers. */
  readonly requests?: boolean;
  /** So many times as fast as recorded. */
  readonly speed: number;
}

const keyOf = (
  target: string,
  subsystem: string,
  { method, path }: { method: string; path: string },
): string => JSON.stringify([target, subsystem, method, path.replace(/^\//, "")]);

const EVERYBODY = "all";

/** Answers to each request in the order in which they were recorded; the last one again and again. */
class RecordedAnswers {
  readonly #answers = new Map<string, RecordedResponse[]>();
  /** The devices that have answered. */
  readonly targets = new Set<string>();

  constructor(exchanges: readonly RecordedExchange[]) {
    for (const { request, response } of exchanges) {
      const { target, subsystem, method, path } = request;
      if (response === undefined || method === undefined || path === undefined) continue;
      // No device, but the group of all: each of them answers for itself.
      if (target === EVERYBODY) continue;
      const key = keyOf(target, subsystem, { method, path });
      this.targets.add(target);
      const known = this.#answers.get(key);
      if (known === undefined) this.#answers.set(key, [response]);
      else known.push(response);
    }
  }

  take(key: string): RecordedResponse | undefined {
    const answers = this.#answers.get(key);
    return answers !== undefined && answers.length > 1 ? answers.shift() : answers?.[0];
  }
}

interface ReplayTerms {
  readonly speed: number;
  readonly cli: Pick<Cli, "signal">;
  readonly topics: TopicManager;
  /** Recorded names by those that devices have now. */
  readonly renamed: ReadonlyMap<string, string>;
}

/** Makes what answers as it was recorded. */
const createHandler = (
  answers: RecordedAnswers,
  { speed, cli, topics, renamed }: ReplayTerms,
): RequestHandlerBase =>
  new RequestHandlerBase({
    propagate: false,
    process: async (client, topic, request: RequestPayload) => {
      const { subsystem = "", target = "" } = topics.getParts(topic) ?? {};
      const { method, path } = request.header;
      const answer = answers.take(
        keyOf(renamed.get(target) ?? target, subsystem, { method, path }),
      );
      if (answer === undefined)
        throw new NotFoundResponse(`${method} ${path} is not in the recording`);
      const { code, body, location, elapsedMs } = answer;
      const delayMs = elapsedMs / speed;
      if (delayMs >= 1) await sleep(delayMs, undefined, { signal: cli.signal });
      if (!isResponseCode(code))
        throw new NotFoundResponse(`the recorded code ${String(code)} is none`);
      await client.respond(topic, request, {
        code,
        body: body ?? null,
        ...(typeof location === "string" && { location }),
      });
    },
  });

/** Serves what the devices of a recording have answered, until Ctrl-C. */
export const replayDevices = (
  cli: Cli,
  exchanges: readonly RecordedExchange[],
  flags: ReplayFlags & { readonly file: string },
): Promise<never> => {
  const answers = new RecordedAnswers(exchanges);
  const [first, ...others] = answers.targets;
  if (first === undefined) {
    throw new CliFailure("the recording holds no request with an answer", {
      hint: "record while somebody asks",
    });
  }
  const { target = first, namespace, speed, file } = flags;
  const topics = new TopicManager(namespace);
  if (target !== first && others.length > 0) {
    throw new UsageFailure(
      `the recording holds several devices: ${[first, ...others].join(", ")}`,
      "leave out --target: each is served under its own name",
    );
  }
  const renamed = new Map([[target, first]]);
  const handler = createHandler(answers, { speed, cli, topics, renamed });
  return serveDevice(
    cli,
    {
      identifier: target,
      what: `what ${[first, ...others].join(", ")} answered in ${file}`,
      trial: undefined,
      // Further devices of the recording are served by the same client.
      subscriptions: others.map((other) => topics.buildRequestFilter(other)),
      handlersFor: () => Promise.resolve([handler]),
    },
    flags,
  );
};
