import { readFileSync } from "node:fs";

import { Command, CommanderError } from "commander";

import type { Cli } from "./cli.ts";
import { Stopped } from "./cli.ts";
import { arrange } from "./command-line.ts";
import { COMMANDS } from "./command-table.ts";
import { UsageFailure } from "./failures/cli-failure.ts";
import { describeFailure } from "./failures/describe-failure.ts";
import { ExitStatus } from "./failures/exit-status.ts";
import { printFailure } from "./failures/print-failure.ts";

const version = (): string => {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL("../package.json", import.meta.url), "utf8"),
  );
  return typeof manifest === "object" && manifest !== null && "version" in manifest
    ? String(manifest.version)
    : "unknown";
};

const NEXT = `
Begin with \`gf-mqtt demo\`. \`gf-mqtt COMMAND --help\` tells more, with examples.
\`gf-mqtt completion bash\` prints a script that completes what you type.`;

/** The root of all commands; what it is told to print goes to `cli`. */
const createRoot = (cli: Cli): Command =>
  new Command("gf-mqtt")
    .description("Requests and responses over MQTT, from the command line.")
    .version(version(), "-V, --version")
    .exitOverride()
    .configureOutput({
      writeOut: cli.output.write,
      writeErr: cli.errors.write,
      getOutHelpWidth: () => cli.output.columns,
      getErrHelpWidth: () => cli.errors.columns,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .showHelpAfterError("(--help tells what there is)")
    .addHelpText("after", NEXT);

/** All commands; the one that is asked for is loaded. */
const createProgram = async (cli: Cli, asked: string | undefined): Promise<Command> => {
  const root = createRoot(cli);
  for (const { name, summary, load } of COMMANDS) {
    const command = root.command(name).description(summary);
    if (name === asked) (await load())(command, cli);
  }
  return root;
};

const printDocument = ({ output }: Cli, error: unknown): void => {
  output.line(JSON.stringify({ error: describeFailure(error) }));
};

/** Tells of an error: on stderr, and as a document on stdout where JSON is asked for. */
const report = (error: unknown, cli: Cli, asJson: boolean): number => {
  if (!(error instanceof Stopped)) {
    if (asJson) printDocument(cli, error);
    printFailure(cli.errors, error);
  }
  return describeFailure(error).exitStatus;
};

/** Does what a command line says; gives the exit status. Never rejects. */
export const runProgram = async (argv: readonly string[], cli: Cli): Promise<number> => {
  const { name, args } = arrange(argv);
  try {
    // Asked by the scripts that `completion` prints.
    if (argv[0] === "complete" && argv[1] === "--") {
      const { completeWords } = await import("./completion/complete.ts");
      await completeWords(cli, argv.slice(2));
      return ExitStatus.OK;
    }
    const program = await createProgram(cli, name);
    if (args.length === 0) {
      program.outputHelp();
      return ExitStatus.OK;
    }
    await program.parseAsync(args, { from: "user" });
    return ExitStatus.OK;
  } catch (error) {
    const asJson = args.includes("--json");
    if (!(error instanceof CommanderError)) return report(error, cli, asJson);
    // Commander has told people already.
    if (error.exitCode === 0) return ExitStatus.OK;
    if (asJson) printDocument(cli, new UsageFailure(error.message.replace(/^error: /, "")));
    return ExitStatus.USAGE;
  }
};
