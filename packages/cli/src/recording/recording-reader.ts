import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";

import { CliFailure } from "../failures/cli-failure.ts";
import { parseHeader, parseMessage } from "./recording-format.ts";
import type { RecordedMessage } from "./recording-format.ts";

const openStream = (file: string): Readable => {
  if (file === "-") return process.stdin;
  const stream = createReadStream(file);
  if (!file.endsWith(".gz")) return stream;
  const unpacked = createGunzip();
  // What cannot be read ends the reading there.
  stream.on("error", (error) => unpacked.destroy(error));
  return stream.pipe(unpacked);
};

/** A recording, read as a whole. */
export interface Recording {
  readonly namespace: string;
  readonly messages: readonly RecordedMessage[];
}

/**
 * Reads a recording.
 *
 * @throws {CliFailure} the file cannot be read, or a line of it is broken; names the line.
 */
export const readRecording = async (file: string): Promise<Recording> => {
  const messages: RecordedMessage[] = [];
  let namespace: string | undefined;
  let line = 0;
  const stream = openStream(file);
  const lines = createInterface({ input: stream, crlfDelay: Infinity });
  // `for await` over lines does not see the errors of the stream.
  const failure = new Promise<never>((_resolve, reject) => {
    stream.on("error", reject);
  });
  const read = async (): Promise<void> => {
    for await (const text of lines) {
      line += 1;
      if (text === "") continue;
      if (namespace === undefined) ({ namespace } = parseHeader(text, { file, line }));
      else messages.push(parseMessage(text, { file, line }));
    }
  };
  try {
    await Promise.race([read(), failure]);
  } catch (error) {
    if (error instanceof CliFailure) throw error;
    throw new CliFailure(`cannot read ${file}: ${String(error)}`, { cause: error });
  }
  if (namespace === undefined) throw new CliFailure(`${file} is empty`);
  return { namespace, messages };
};
