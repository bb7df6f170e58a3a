import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "./free-port.ts";
import { MosquittoProcess, MosquittoStartError } from "./mosquitto-process.ts";

/** How to configure Mosquitto; all are optional, and the default is a stock, open broker. */
export interface MosquittoOptions {
  /** The only user; without it, everybody may connect. */
  readonly authenticate?: { readonly username: string; readonly password: string };
  /** Content of an `acl_file`. */
  readonly acl?: string;
  /** Whether to listen for WebSockets too; default false. */
  readonly websockets?: boolean;
  /** Further lines of the configuration file. */
  readonly config?: string;
  /** TCP port; default a free one. */
  readonly port?: number;
  /** `set_tcp_nodelay`; default false, as in stock configurations. */
  readonly tcpNoDelay?: boolean;
}

/** A real broker in a process of its own, gone with the process that started it. */
export interface RealBroker extends AsyncDisposable {
  readonly port: number;
  readonly wsPort: number | undefined;
  /** Where a client connects: "mqtt://127.0.0.1:PORT". */
  readonly url: string;
  /** The same over WebSocket; `undefined` without `websockets`. */
  readonly wsUrl: string | undefined;
  /** Stops it if it runs and starts it with the same ports and configuration. */
  restart(): Promise<void>;
  /** Ends it in order; nothing happens if it does not run. */
  stop(): Promise<void>;
  /** Ends it by SIGKILL; nothing happens if it does not run. */
  kill(): Promise<void>;
}

// Seldom on the PATH of a user, yet where packages put daemons.
const DAEMON_FOLDERS = ["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin"];
const START_ATTEMPTS = 5;

/** Where Mosquitto is installed; `undefined` if it is not. */
export const mosquittoPath: string | undefined = findProgram("mosquitto");

/**
 * Starts Mosquitto on a free port.
 *
 * @throws {MosquittoStartError} it does not start; the message holds its log.
 * @throws {Error} it is not installed: see {@link mosquittoPath}.
 */
export async function startMosquitto(options: MosquittoOptions = {}): Promise<RealBroker> {
  const program = installed("mosquitto");
  const folder = await mkdtemp(join(tmpdir(), "mosquitto-"));
  try {
    for (let attempt = 1; ; attempt++) {
      const ports = await choosePorts(options);
      const configFile = await writeConfig(folder, options, ports);
      try {
        const running = await MosquittoProcess.start(program, configFile);
        return new Mosquitto({ program, folder, configFile, ports, running });
      } catch (error) {
        const lostRace = error instanceof MosquittoStartError && error.portTaken;
        if (!lostRace || options.port !== undefined || attempt === START_ATTEMPTS) throw error;
      }
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

interface Ports {
  readonly port: number;
  readonly wsPort: number | undefined;
}

interface MosquittoParts {
  readonly program: string;
  readonly folder: string;
  readonly configFile: string;
  readonly ports: Ports;
  readonly running: MosquittoProcess;
}

class Mosquitto implements RealBroker {
  readonly port: number;
  readonly wsPort: number | undefined;
  readonly url: string;
  readonly wsUrl: string | undefined;
  readonly #parts: MosquittoParts;
  #running: MosquittoProcess | undefined;

  constructor(parts: MosquittoParts) {
    const { port, wsPort } = parts.ports;
    this.port = port;
    this.wsPort = wsPort;
    this.url = `mqtt://127.0.0.1:${port}`;
    this.wsUrl = wsPort === undefined ? undefined : `ws://127.0.0.1:${wsPort}`;
    this.#parts = parts;
    this.#running = parts.running;
  }

  async restart(): Promise<void> {
    await this.stop();
    this.#running = await MosquittoProcess.start(this.#parts.program, this.#parts.configFile);
  }

  async stop(): Promise<void> {
    await this.#take()?.stop();
  }

  async kill(): Promise<void> {
    await this.#take()?.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.#parts.folder, { recursive: true, force: true });
  }

  #take(): MosquittoProcess | undefined {
    const running = this.#running;
    this.#running = undefined;
    return running;
  }
}

async function choosePorts({ port, websockets = false }: MosquittoOptions): Promise<Ports> {
  return { port: port ?? (await freePort()), wsPort: websockets ? await freePort() : undefined };
}

async function writeConfig(
  folder: string,
  options: MosquittoOptions,
  { port, wsPort }: Ports,
): Promise<string> {
  const { authenticate, acl, config = "", tcpNoDelay = false } = options;
  const lines = [
    // Started by root, it would become a user that cannot read the folder.
    `user ${userInfo().username}`,
    "log_dest stderr",
    `set_tcp_nodelay ${tcpNoDelay}`,
    `allow_anonymous ${authenticate === undefined}`,
  ];
  if (authenticate) lines.push(`password_file ${await writePasswords(folder, authenticate)}`);
  if (acl !== undefined) {
    const aclFile = join(folder, "acl");
    await writeFile(aclFile, acl, { mode: 0o600 });
    lines.push(`acl_file ${aclFile}`);
  }
  lines.push(config, `listener ${port} 127.0.0.1`);
  if (wsPort !== undefined) lines.push(`listener ${wsPort} 127.0.0.1`, "protocol websockets");
  const file = join(folder, "mosquitto.conf");
  await writeFile(file, `${lines.join("\n")}\n`);
  return file;
}

async function writePasswords(
  folder: string,
  { username, password }: { readonly username: string; readonly password: string },
): Promise<string> {
  const file = join(folder, "passwords");
  const program = installed("mosquitto_passwd");
  await promisify(execFile)(program, ["-b", "-c", file, username, password]);
  return file;
}

function installed(name: string): string {
  const program = findProgram(name);
  if (program === undefined) {
    throw new Error(
      `${name} is not installed: neither on PATH nor in ${DAEMON_FOLDERS.join(", ")}`,
    );
  }
  return program;
}

function findProgram(name: string): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), ...DAEMON_FOLDERS];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
