import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

import type { Cli } from "../cli.ts";
import { CliFailure, UsageFailure } from "../failures/cli-failure.ts";
import type { BrokerSettings } from "./broker-settings.ts";

const LONGEST_COMMAND_MS = 30_000;

const firstLine = (text: string): string => text.split(/\r?\n/, 1)[0] ?? "";

const ofCommand = async (command: string): Promise<string> => {
  try {
    const shell = process.platform === "win32" ? ["cmd", "/c"] : ["/bin/sh", "-c"];
    const [file = "", flag = ""] = shell;
    const { stdout } = await promisify(execFile)(file, [flag, command], {
      timeout: LONGEST_COMMAND_MS,
    });
    return firstLine(stdout);
  } catch (error) {
    // Not what it printed: that may be the password.
    const status = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    throw new CliFailure(`the password command failed with ${status}: ${command}`);
  }
};

const ofFile = async (file: string): Promise<string> => {
  try {
    return firstLine(await readFile(file, "utf8"));
  } catch (error) {
    throw new UsageFailure(`cannot read the password file: ${String(error)}`);
  }
};

/**
 * The password, from wherever the settings say that it is.
 *
 * @throws {CliFailure} it cannot be had.
 */
export const findPassword = async (
  { password, passwordFile, passwordCommand, broker }: BrokerSettings,
  cli: Cli,
): Promise<string | undefined> => {
  if (typeof password === "string") return password;
  if (password === true) {
    if (cli.input.isTerminal) return cli.input.askSecret(`Password for ${broker}: `);
    throw new UsageFailure(
      "--password without a value asks for it, and there is no terminal to ask at",
      "use --password-file, or MQTT_BROKER_PASSWORD in the environment",
    );
  }
  if (passwordFile !== undefined) return ofFile(passwordFile);
  return passwordCommand === undefined ? undefined : ofCommand(passwordCommand);
};
