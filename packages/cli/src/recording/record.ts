import type { IncomingMessage } from "gf-mqtt-client";

import type { Cli } from "../cli.ts";
import type { ConnectionFlags } from "../connecting/connection-options.ts";
import { clientOptions } from "../connecting/with-client.ts";
import { CliFailure } from "../failures/cli-failure.ts";
import { tapBroker } from "../traffic/tap.ts";
import type { TapFlags } from "../traffic/tap.ts";
import { headerLine, messageLine } from "./recording-format.ts";
import { RecordingWriter } from "./recording-writer.ts";

/** Options of `record`. */
export interface RecordFlags extends ConnectionFlags, TapFlags {
  readonly quiet?: boolean;
  readonly force?: boolean;
  /** Ends after so many messages. */
  readonly count: number;
}

/** What is recorded, and where to. */
export interface RecordTask {
  readonly file: string;
  readonly filters: readonly string[];
}

/** Writes messages down until there are enough. */
class Recorder {
  readonly #writer: RecordingWriter;
  readonly #count: number;
  readonly #enough = new AbortController();
  recorded = 0;

  constructor(writer: RecordingWriter, count: number) {
    this.#writer = writer;
    this.#count = count;
  }

  /** Fires when there are enough, or none can be written any more. */
  get enough(): AbortSignal {
    return this.#enough.signal;
  }

  hear({ topic, payload, qos, retain }: IncomingMessage): void {
    if (this.enough.aborted) return;
    const at = performance.timeOrigin + performance.now();
    this.#writer.line(messageLine({ at, topic, payload, qos, retain }));
    this.recorded += 1;
    if (this.recorded >= this.#count || this.#writer.error !== undefined) this.#enough.abort();
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
  const { force = false, quiet = false, count } = flags;
  const known = await clientOptions(cli, flags);
  const writer = await RecordingWriter.open(file, force);
  const recorder = new Recorder(writer, count);
  writer.line(headerLine(known.namespace));
  try {
    await tapBroker(cli, known, {
      ...flags,
      filters,
      enough: recorder.enough,
      onMessage: (message) => {
        recorder.hear(message);
      },
      onReady: (topics) => {
        const { line, style } = cli.errors;
        if (!quiet) line(style.dim(`recording ${topics.join(", ")}`));
      },
    });
  } finally {
    await writer.close();
    if (!quiet) cli.errors.line(summaryOf(file, recorder, writer));
  }
  if (writer.error !== undefined) {
    throw new CliFailure(`cannot write to ${file}: ${writer.error.message}`, {
      cause: writer.error,
    });
  }
};
