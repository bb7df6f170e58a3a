import { spawn } from "node:child_process";
import { StringDecoder } from "node:string_decoder";

/** What a command is run with. */
export interface CommandRun {
  /** For the shell. */
  readonly command: string;
  /** Goes to its standard input. */
  readonly input: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** What it printed is the body, so it is bounded; a broker would hardly take more. */
const MOST_OUTPUT_CHARACTERS = 64_000_000;
const ERROR_CHARACTERS = 1_000;

/** A command that did not end well. */
class CommandFailure extends Error {
  static {
    this.prototype.name = "CommandFailure";
  }
}

/**
 * Runs a command of the shell and gives what it printed.
 *
 * @throws {CommandFailure} it ended with another status than 0, or printed too much.
 */
export const runCommand = ({ command, input, environment, signal }: CommandRun): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, {
      shell: true,
      env: { ...process.env, ...environment },
      signal,
      stdio: ["pipe", "pipe", "pipe"],
    });
    let [printed, complaint] = ["", ""];
    const decoder = new StringDecoder("utf8");
    child.stdout.on("data", (chunk: Buffer) => {
      printed += decoder.write(chunk);
      if (printed.length > MOST_OUTPUT_CHARACTERS) {
        child.kill();
        reject(new CommandFailure("it printed too much for a body"));
      }
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaint = `${complaint}${text}`.slice(-ERROR_CHARACTERS);
    });
    // A command that does not read its input closes it early.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    child.on("error", reject);
    child.on("close", (status, killedBy) => {
      if (status === 0) {
        resolve(printed + decoder.end());
        return;
      }
      const how =
        status === null ? `was ended by ${String(killedBy)}` : `ended with ${String(status)}`;
      const said = complaint.trim();
      reject(new CommandFailure(`it ${how}${said === "" ? "" : `: ${said}`}`));
    });
  });
