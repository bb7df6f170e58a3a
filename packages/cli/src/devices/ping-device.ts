import type { MQTTClient } from "gf-mqtt-client";
import { ResponseException } from "gf-mqtt-client";

import type { Cli } from "../cli.ts";
import { Stopped } from "../cli.ts";
import type { ConnectionFlags } from "../connecting/connection-options.ts";
import { withClient } from "../connecting/with-client.ts";
import { isAnswered } from "../failures/answered-error.ts";
import { describeFailure } from "../failures/describe-failure.ts";
import { ExitStatus } from "../failures/exit-status.ts";
import { printFailure } from "../failures/print-failure.ts";
import { nextDue, pauseUntil } from "../requests/pause.ts";
import { PRESENCE } from "../requests/resource.ts";
import type { Resource } from "../requests/resource.ts";
import { codeWithName } from "../terminal/code-text.ts";
import { toThousandths } from "../thousandths.ts";
import type { OutputFlags } from "../terminal/output-options.ts";

/** Options of `ping`. */
export interface PingFlags extends ConnectionFlags, OutputFlags {
  /** How often; Infinity: until Ctrl-C. */
  readonly count: number;
  /** From one to the next, in ms. */
  readonly every: number;
}

/** Whom to ask for what. */
export interface PingTarget extends Resource {
  readonly target: string;
}

const NO_PRESENCE =
  "  a device without presence does not answer this: name a resource of it, as in axuv/status";

interface Pong {
  /** Undefined: no answer. */
  readonly code: number | undefined;
  readonly elapsedMs: number;
  readonly error: unknown;
}

/** Any answer is one: whoever says 404 is there. QoS 1, so that a broker with MQTT 5 tells where nobody listens. */
const ping = async (client: MQTTClient, asked: PingTarget, signal: AbortSignal): Promise<Pong> => {
  const { target, subsystem, path } = asked;
  const startedAt = performance.now();
  const elapsed = (): number => performance.now() - startedAt;
  try {
    const { header } = await client.request({
      targetDeviceTag: target,
      subsystem,
      path,
      qos: 1,
      signal,
    });
    return { code: header.response_code, elapsedMs: elapsed(), error: undefined };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ResponseException)) throw error;
    const code = isAnswered(error) ? error.responseCode : undefined;
    return { code, elapsedMs: elapsed(), error };
  }
};

const documentOf = ({ target }: PingTarget, { code, elapsedMs, error }: Pong): unknown => ({
  target,
  code: code ?? null,
  elapsedMs: code === undefined ? null : toThousandths(elapsedMs),
  error: code === undefined ? describeFailure(error) : null,
});

const show = ({ output, errors }: Cli, asked: PingTarget, pong: Pong): void => {
  const { subsystem } = asked;
  const { code, elapsedMs, error } = pong;
  if (code === undefined) {
    printFailure(errors, error);
    if (subsystem === PRESENCE.subsystem) errors.line(NO_PRESENCE);
    return;
  }
  const took = output.style.good(`${elapsedMs.toFixed(2)} ms`);
  output.line(`${asked.target} answers after ${took}  ${output.style.dim(codeWithName(code))}`);
};

const summaryOf = (times: readonly number[], sent: number): string => {
  const lost = `${String(sent)} sent, ${String(times.length)} answered`;
  if (times.length === 0) return lost;
  const mean = times.reduce((sum, each) => sum + each, 0) / times.length;
  const figures = [Math.min(...times), mean, Math.max(...times)].map((each) => each.toFixed(2));
  return `${lost}; least, mean and most: ${figures.join(", ")} ms`;
};

/** Asks a device again and again whether it is there. */
export const pingDevice = (cli: Cli, asked: PingTarget, flags: PingFlags): Promise<void> =>
  withClient(cli, flags, {
    use: async (client) => {
      const { count, every, json = false, quiet = false } = flags;
      const times: number[] = [];
      let sent = 0;
      let due = performance.now();
      try {
        while (sent < count) {
          const pong = await ping(client, asked, cli.signal);
          sent += 1;
          if (pong.code !== undefined) times.push(pong.elapsedMs);
          if (json) cli.output.line(JSON.stringify(documentOf(asked, pong)));
          else if (!quiet || pong.code === undefined) show(cli, asked, pong);
          due = nextDue({ due, every }, performance.now());
          if (sent < count) await pauseUntil(due, cli.signal);
        }
      } finally {
        if (!json && sent > 0) cli.output.line(summaryOf(times, sent));
      }
      if (times.length === 0) throw new Stopped("no ping was answered", ExitStatus.NO_ANSWER);
    },
  });
