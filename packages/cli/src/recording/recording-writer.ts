import { createWriteStream } from "node:fs";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { createGzip } from "node:zlib";

import { CliFailure, UsageFailure } from "../failures/cli-failure.ts";

/** What waits to be written, in bytes; what comes beyond that is left out, and counted. */
const MOST_WAITING_BYTES = 64 * 1024 * 1024;

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code;

const openFile = async (file: string, isForced: boolean): Promise<Writable> => {
  const stream = createWriteStream(file, { flags: isForced ? "w" : "wx" });
  try {
    await new Promise<void>((resolve, reject) => {
      stream.once("open", () => {
        resolve();
      });
      stream.once("error", reject);
    });
  } catch (error) {
    if (isCode(error, "EEXIST")) {
      throw new UsageFailure(`${file} exists already`, "replace it with --force");
    }
    throw new CliFailure(`cannot write to ${file}: ${String(error)}`, { cause: error });
  }
  return stream;
};

/** Writes lines to a file, packed where its name ends in `.gz`, or to the standard output for `-`. */
export class RecordingWriter {
  readonly #target: Writable;
  readonly #isOwn: boolean;
  #error: Error | undefined;
  /** Lines that were left out because the disk, or the reader of a pipe, was too slow. */
  leftOut = 0;
  bytes = 0;

  private constructor(target: Writable, isOwn: boolean) {
    this.#target = target;
    this.#isOwn = isOwn;
    target.on("error", (error) => {
      this.#error = error;
    });
  }

  /** @throws {CliFailure} the file is there already, or cannot be written. */
  static async open(file: string, isForced: boolean): Promise<RecordingWriter> {
    if (file === "-") return new RecordingWriter(process.stdout, false);
    const stream = await openFile(file, isForced);
    if (!file.endsWith(".gz")) return new RecordingWriter(stream, true);
    const packing = createGzip();
    packing.pipe(stream);
    stream.on("error", (error) => packing.destroy(error));
    return new RecordingWriter(packing, true);
  }

  /** Why nothing can be written any more. */
  get error(): Error | undefined {
    return this.#error;
  }

  line(text: string): void {
    if (this.#target.writableLength > MOST_WAITING_BYTES) {
      this.leftOut += 1;
      return;
    }
    this.bytes += Buffer.byteLength(text) + 1;
    this.#target.write(`${text}\n`);
  }

  /** Writes what waits, and closes the file. */
  async close(): Promise<void> {
    if (!this.#isOwn || this.#error !== undefined) return;
    this.#target.end();
    await finished(this.#target);
  }
}
