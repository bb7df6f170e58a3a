import { vi } from "vitest";
import type { Answer, AnsweredRequest } from "../../src/client/responder.ts";
import { UserFilters } from "../../src/client/user-filters.ts";
import { WorkQueue } from "../../src/client/work-queue.ts";
import type { IncomingRequestsOptions } from "../../src/client/incoming-requests.ts";
import { Repeats, requestKey } from "../../src/client/repeats.ts";
import type { RequestKey } from "../../src/client/repeats.ts";
import type { SentAnswer } from "../../src/client/repeats.ts";
import { IncomingRequests } from "../../src/client/incoming-requests.ts";
import { startCounters } from "../../src/client/statistics.ts";
import type { RequestPayload } from "../../src/protocol/payload.ts";
import type { IncomingMessage } from "../../src/transport/transport.ts";
import { ManualClock, promisesSettled } from "../runtime/manual-clock.ts";
import { recordingLogger } from "../runtime/recording-logger.ts";

export const TOPIC = "gf_int_v1/axuv/request/device/box";

export const request = (id: string): RequestPayload => ({
  header: { method: "GET", path: "gains", request_id: id },
  body: null,
  timestamp: 0,
});

export const message = (more: Partial<IncomingMessage> = {}): IncomingMessage => ({
  topic: TOPIC,
  payload: new Uint8Array(10),
  qos: 0,
  retain: false,
  duplicate: false,
  ...more,
});

/** Incoming requests, what it handled and what it answered. A request is handled until the test lets it end. */
export interface IncomingSceneOptions extends Partial<IncomingRequestsOptions> {
  readonly maxRunning?: number;
  readonly maxWaiting?: number;
  readonly keepsAnswers?: boolean;
}

/** The filters of a client whose user has subscribed to what requests come on, too. */
export const overlappingFilters = (): UserFilters => {
  const filters = new UserFilters(["device"]);
  filters.add("gf_int_v1/+/request/#");
  return filters;
};

const LIMITS = { maxAnswers: 100, maxBytes: 10_000, keepMs: 60_000 };

export const incomingScene = ({
  maxRunning = 2,
  maxWaiting = 1,
  keepsAnswers = true,
  ...options
}: IncomingSceneOptions = {}) => {
  const handled: string[] = [];
  const answers: (Answer & { readonly header: unknown })[] = [];
  const ends = new Map<string, (wanted: boolean) => void>();
  const failures = new Map<string, (error: unknown) => void>();
  const counters = startCounters();
  const { logger, entries } = recordingLogger();
  const unused = vi.fn<() => Promise<never>>();
  const queue = new WorkQueue({ maxRunning, maxWaiting, maxWaitingBytes: 1_000 });
  const clock = new ManualClock();
  const responder = {
    respondError: async (
      { topic }: Pick<IncomingMessage, "topic">,
      header: AnsweredRequest["header"],
      answer: Answer,
    ) => {
      answers.push({ ...answer, header });
      give(requestKey(topic, header["request_id"]), answer.code);
    },
    respondAgain: async (_topic: string, { payload }: SentAnswer) =>
      void again.push(String(payload)),
  };
  const repeats = new Repeats(keepsAnswers ? LIMITS : undefined, clock);
  /** As a handler answers that calls respond(). */
  const give = (key: RequestKey, code = 205): void => {
    const payload = `${String(code)} ${key.topic} ${key.id}`;
    repeats.keep(key, { header: {}, code }, { payload, qos: 0 });
  };
  const again: string[] = [];
  const requests = new IncomingRequests({
    runner: {
      hasIncoming: true,
      hasOutgoing: false,
      runRequest: (_topic, { header }) => {
        handled.push(header.request_id);
        return new Promise((resolve, reject) => {
          ends.set(header.request_id, resolve);
          failures.set(header.request_id, reject);
        });
      },
      runResponse: unused,
      runGeneral: unused,
      runOutgoing: unused,
    },
    responder,
    filters: new UserFilters(["device"]),
    queue,
    counters,
    repeats,
    settings: { clock, logger, debug: undefined, maxPayloadBytes: 100 },
    ...options,
  });
  const end = async (id: string, isWanted = true): Promise<void> => {
    ends.get(id)?.(isWanted);
    await promisesSettled();
  };
  const fail = async (id: string, error: unknown): Promise<void> => {
    failures.get(id)?.(error);
    await promisesSettled();
  };
  /** Answers a request on the topic of all, and ends its handler. */
  const answer = async (id: string, code?: number): Promise<void> => {
    give(requestKey(TOPIC, id), code);
    await end(id);
  };
  const found = { handled, answers, again, counters, logged: entries };
  return { ...found, requests, repeats, queue, clock, end, fail, answer };
};
