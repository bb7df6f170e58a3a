import type { Method } from "gf-mqtt-client";

import type { Cli } from "../cli.ts";
import type { ConnectionFlags } from "../connecting/connection-options.ts";
import { UsageFailure } from "../failures/cli-failure.ts";
import { readBody } from "../requests/request-body.ts";
import type { OutputFlags } from "../terminal/output-options.ts";
import type { LoadPlan } from "./load-run.ts";

/** Options of `bench`. */
export interface BenchFlags extends ConnectionFlags, OutputFlags {
  readonly concurrency: number;
  readonly requests?: number;
  /** In ms. */
  readonly duration?: number;
  /** A second. */
  readonly rate?: number;
  readonly payloadBytes?: number;
  readonly method?: Method;
  readonly body?: string;
  readonly serve?: boolean;
}

const DEFAULT_REQUESTS = 10_000;

/** How much load is asked for: 10,000 requests where no limit is given. */
export const planOf = ({ concurrency, requests, duration, rate }: BenchFlags): LoadPlan => ({
  concurrency,
  requests: requests ?? (duration === undefined ? DEFAULT_REQUESTS : Infinity),
  durationMs: duration ?? Infinity,
  ratePerSecond: rate,
});

/** What each request holds. */
export interface BenchRequest {
  readonly method: Method;
  readonly body: unknown;
}

const QUOTES = 2;

/**
 * The request that is sent again and again; with a body, it is a POST unless a method is named.
 *
 * @throws {UsageFailure} two bodies are given, or one that is none.
 */
export const requestOf = async (flags: BenchFlags, input: Cli["input"]): Promise<BenchRequest> => {
  const { payloadBytes, body: written, method } = flags;
  if (payloadBytes !== undefined && written !== undefined) {
    throw new UsageFailure("--payload-bytes and --body are two bodies", "give one of them");
  }
  if (payloadBytes !== undefined) {
    return { method: method ?? "POST", body: "x".repeat(payloadBytes - QUOTES) };
  }
  if (written === undefined) return { method: method ?? "GET", body: undefined };
  const body = await readBody({ words: [written], isText: false }, input);
  return { method: method ?? "POST", body };
};
