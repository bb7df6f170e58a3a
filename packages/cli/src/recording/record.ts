import type { IncomingMessage } from "gf-mqtt-client";

import type { Cli } from "../cli.ts";
import type { ConnectionFlags } from "../connecting/connection-options.ts";
import { goOn, showLink, warningsBesideLink } from "../connecting/show-link.ts";
import { withClient } from "../connecting/with-client.ts";
import { CliFailure } from "../failures/cli-failure.ts";
import { tapTransport } from "../traffic/tap.ts";
import { headerLine, messageLine } from "./recording-format.ts";
import { RecordingWriter } from "./recording-writer.ts";

/** Options of `record`. */
export interface RecordFlags extends ConnectionFlags {
  readonly quiet?: boolean;
  readonly force?: boolean;
  /** Ends after so many messages. */
  readonly count: number;
  /** Ends after so many ms. */
  readonly duration?: number;
}

/** What is recorded, and where to. */
export interface RecordTask {
  readonly file: string;
  readonly filters: readonly string[];
}

const DEFAULT_NAMESPACE = "gf_int_v1";

/** Counts messages until there are enough. */
class Recorder {
  readonly #writer: RecordingWriter;
  readonly #count: number;
  #end: (() => void) | undefined;
  #isOver = false;
  recorded = 0;

  constructor(writer: RecordingWriter, count: number) {
    this.#writer = writer;
    this.#count = count;
  }

  hear({ topic, payload, qos, retain }: IncomingMessage): void {
    if (this.#isOver) return;
    const at = performance.timeOrigin + performance.now();
    this.#writer.line(messageLine({ at, topic, payload, qos, retain }));
    this.recorded += 1;
    if (this.recorded >= this.#count || this.#writer.error !== undefined) this.end();
  }

  end(): void {
    this.#isOver = true;
    this.#end?.();
  }

  /** Resolves when there is enough. */
  get over(): Promise<void> {
    return new Promise((resolve) => {
      this.#end = resolve;
      if (this.#isOver) resolve();
    });
  }
}

const summaryOf = (
  file: string,
  recorder: Recorder,
  { bytes, leftOut }: RecordingWriter,
): string => {
  const size = `${file}: ${String(recorder.recorded - leftOut)} messages, ${String(bytes)} bytes`;
  return leftOut === 0 ? size : `${size}; ${String(leftOut)} left out, since writing was too slow`;
};

/** Records what a broker carries, until Ctrl-C or until there is enough. */
export const record = async (
  cli: Cli,
  { file, filters }: RecordTask,
  flags: RecordFlags,
): Promise<void> => {
  const { namespace = DEFAULT_NAMESPACE, force = false, quiet = false, count, duration } = flags;
  const subscriptions = filters.length > 0 ? filters : [`${namespace}/#`];
  const writer = await RecordingWriter.open(file, force);
  const recorder = new Recorder(writer, count);
  writer.line(headerLine(namespace));
  const timer = duration === undefined ? undefined : setTimeout(() => recorder.end(), duration);
  try {
    await withClient(cli, flags, {
      options: {
        subscriptions,
        ...(flags.verbose !== true && { logger: warningsBesideLink(cli) }),
        transport: tapTransport((message) => {
          recorder.hear(message);
        }),
      },
      prepare: (client) => {
        showLink(client, cli);
      },
      use: (client) => {
        if (!quiet) cli.errors.line(cli.errors.style.dim(`recording ${subscriptions.join(", ")}`));
        return Promise.race([recorder.over, goOn(client, cli)]);
      },
    });
  } finally {
    clearTimeout(timer);
    await writer.close();
    if (!quiet) cli.errors.line(summaryOf(file, recorder, writer));
  }
  if (writer.error !== undefined) {
    throw new CliFailure(`cannot write to ${file}: ${writer.error.message}`, {
      cause: writer.error,
    });
  }
};
