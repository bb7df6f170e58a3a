import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";
import type { Browser } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const FOLDERS = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/bin"];

const SWITCHES = [
  "--no-sandbox",
  "--disable-gpu",
  // It is to talk to this machine only.
  "--no-proxy-server",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const START_LIMIT_MS = 50_000;

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Where a Chromium is installed; `undefined` if none is. */
export const chromiumPath: string | undefined = NAMES.flatMap((name) =>
  FOLDERS.map((folder) => join(folder, name)),
).find(isExecutable);

/**
 * Starts Chromium, without a window and with a profile of its own.
 *
 * @param localName - a host name that leads to 127.0.0.1; that of a page which is not "localhost".
 * @throws {Error} none is installed, see {@link chromiumPath}, or it does not start.
 */
export const launchChromium = async (localName: string): Promise<Browser> => {
  if (chromiumPath === undefined) throw new Error("no Chromium is installed");
  return chromium.launch({
    executablePath: chromiumPath,
    args: [...SWITCHES, `--host-resolver-rules=MAP ${localName} 127.0.0.1`],
    timeout: START_LIMIT_MS,
  });
};
