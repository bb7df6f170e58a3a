// @ts-check
import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";

/** @typedef {import("./broker.js").Broker} Broker */

// Seldom on the PATH of a user, yet where packages put daemons.
const DAEMON_FOLDERS = ["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin"];
const START_ATTEMPTS = 5;
const READY = /mosquitto version (\S+) running/;

/** @param {string} file */
const isExecutable = (file) => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Where Mosquitto is installed; undefined if it is not. */
export const findMosquitto = () => {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), ...DAEMON_FOLDERS];
  return folders.map((folder) => join(folder, "mosquitto")).find(isExecutable);
};

const freePort = async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
};

/**
 * Starts it and waits until it listens; undefined if it ended instead.
 *
 * @param {string} program @param {string} configFile
 */
const run = async (program, configFile) => {
  const child = spawn(program, ["-c", configFile], { stdio: ["ignore", "ignore", "pipe"] });
  const ended = once(child, "exit");
  /** @type {Promise<string>} */
  const ready = new Promise((resolve) => {
    // It is read to the end: a full pipe would stop the broker.
    createInterface({ input: child.stderr }).on("line", (line) => {
      const version = READY.exec(line)?.[1];
      if (version !== undefined) resolve(version);
    });
  });
  const version = await Promise.race([ready, ended.then(() => undefined)]);
  return version === undefined ? undefined : { version, ended, kill: () => child.kill("SIGKILL") };
};

/** The stock configuration, as far as one with a free port can be it. @param {number} port @param {boolean} noDelay */
const configOf = (port, noDelay) =>
  [
    `user ${userInfo().username}`,
    "log_dest stderr",
    "allow_anonymous true",
    ...(noDelay ? ["set_tcp_nodelay true"] : []),
    `listener ${port} 127.0.0.1`,
    "",
  ].join("\n");

/**
 * Starts Mosquitto on a free port.
 *
 * @param {string} program
 * @param {{ noDelay: boolean }} options
 * @returns {Promise<Broker>}
 */
export const startMosquitto = async (program, { noDelay }) => {
  const folder = mkdtempSync(join(tmpdir(), "bench-mosquitto-"));
  const configFile = join(folder, "mosquitto.conf");
  // Another program may take the port before Mosquitto does.
  for (let attempt = 1; attempt <= START_ATTEMPTS; attempt += 1) {
    const port = await freePort();
    writeFileSync(configFile, configOf(port, noDelay));
    const running = await run(program, configFile);
    if (running === undefined) continue;
    const { version, ended, kill } = running;
    const stop = () => {
      kill();
      rmSync(folder, { recursive: true, force: true });
    };
    process.once("exit", stop);
    return {
      name: `Mosquitto ${version}${noDelay ? ", set_tcp_nodelay true" : ""}`,
      isMosquitto: true,
      url: `mqtt://127.0.0.1:${port}`,
      close: async () => {
        process.off("exit", stop);
        stop();
        await ended;
      },
    };
  }
  rmSync(folder, { recursive: true });
  throw new Error(`${program} does not start, on ${START_ATTEMPTS} different ports`);
};
