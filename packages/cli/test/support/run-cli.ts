import { spawn } from "node:child_process";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";

const BIN = fileURLToPath(new URL("../../dist/bin.js", import.meta.url));

/** Holds `gf-mqtt` as those find it who have installed it. */
const SHIMS = fileURLToPath(new URL("bin", import.meta.url));

/** How a command ended. */
export interface CliResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a command is started with. */
export interface CliStart {
  /** Typed in, and the end of it. */
  readonly input?: string;
  /** Beside a bare environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** The arguments are a line for bash. */
  readonly inShell?: boolean;
}

/** A command that goes on. */
export interface RunningCli extends AsyncDisposable {
  readonly process: ChildProcessWithoutNullStreams;
  /** What it has printed so far. */
  readonly stdout: string;
  readonly stderr: string;
  /** Waits until it has printed this; rejects if it ends before. */
  readonly printed: (text: string | RegExp) => Promise<void>;
  /** Sends a signal and waits for the end. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<CliResult>;
  readonly ended: Promise<CliResult>;
}

const matches = (text: string, wanted: string | RegExp): boolean =>
  typeof wanted === "string" ? text.includes(wanted) : wanted.test(text);

/** Starts the built command in an environment that holds nothing of the user's. */
export const startCli = (
  args: readonly string[],
  { input, env = {}, cwd, inShell = false }: CliStart = {},
): RunningCli => {
  const [file, ...rest] = inShell
    ? ["/bin/bash", "-c", args.join(" ")]
    : [process.execPath, BIN, ...args];
  const child = spawn(file ?? "", rest, {
    cwd,
    env: {
      PATH: `${SHIMS}:${process.env["PATH"] ?? ""}`,
      XDG_CONFIG_HOME: "/nonexistent",
      XDG_CACHE_HOME: "/dev/null",
      ...env,
    },
  });
  child.stdin.end(input);
  const printed = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8");
    child[name].on("data", (text: string) => {
      printed[name] += text;
    });
  }
  const ended = once(child, "close").then(([status]): CliResult => ({
    status: status as number | null,
    ...printed,
  }));
  const waitFor = (wanted: string | RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!matches(printed.stdout + printed.stderr, wanted)) return;
        child.stdout.off("data", look);
        child.stderr.off("data", look);
        resolve();
      };
      child.stdout.on("data", look);
      child.stderr.on("data", look);
      look();
      void ended.then(({ status, stdout, stderr }) => {
        reject(
          new Error(`it ended with ${String(status)} before it printed ${String(wanted)}:
${stdout}${stderr}`),
        );
      });
    });
  const stop = async (signal: NodeJS.Signals = "SIGINT"): Promise<CliResult> => {
    child.kill(signal);
    return ended;
  };
  return {
    process: child,
    get stdout() {
      return printed.stdout;
    },
    get stderr() {
      return printed.stderr;
    },
    printed: waitFor,
    stop,
    ended,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) await stop("SIGKILL");
    },
  };
};

/** Runs the built command to its end. */
export const runCli = (args: readonly string[], start: CliStart = {}): Promise<CliResult> =>
  startCli(args, start).ended;
