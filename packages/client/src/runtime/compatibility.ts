/** A runtime that the library knows. */
export type RuntimeName = "node" | "bun" | "deno" | "browser" | "unknown";

/** Whether something works here, and if not, why. */
export interface FeatureReport {
  readonly isAvailable: boolean;
  /** Why not, and what to do; undefined where it works. */
  readonly reason: string | undefined;
}

/** What {@link checkRuntimeCompatibility} finds. */
export interface RuntimeReport {
  readonly runtime: RuntimeName;
  /** Of the runtime; undefined in browsers. */
  readonly version: string | undefined;
  /** Whether the library is made for this runtime in this version. */
  readonly isSupported: boolean;
  readonly features: {
    /** `mqtt://` and `mqtts://`. */
    readonly tcp: FeatureReport;
    /** `ws://` and `wss://`. */
    readonly webSocket: FeatureReport;
    /** `SyncMQTTClient`. */
    readonly sync: FeatureReport;
  };
}

interface ProcessLike {
  readonly versions?: Readonly<Record<string, string | undefined>>;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly getBuiltinModule?: (name: string) => unknown;
  readonly emitWarning?: (warning: string, type: string) => void;
}

interface Surroundings {
  readonly process?: ProcessLike;
  readonly document?: unknown;
  readonly WebSocket?: unknown;
  readonly SharedArrayBuffer?: unknown;
}

const OLDEST_NODE = [20, 19] as const;

/** Whether this runtime opens TCP connections: Node does, and Bun and Deno, which present themselves as Node. */
export const hasTcp = (surroundings: Surroundings = globalThis): boolean =>
  typeof surroundings.process?.versions?.["node"] === "string";

const AVAILABLE: FeatureReport = { isAvailable: true, reason: undefined };

const feature = (reason: string | undefined): FeatureReport =>
  reason === undefined ? AVAILABLE : { isAvailable: false, reason };

const nameOf = ({ process, document, WebSocket }: Surroundings): RuntimeName => {
  // Bun and Deno present themselves as Node, too.
  for (const name of ["bun", "deno", "node"] as const) {
    if (process?.versions?.[name] !== undefined) return name;
  }
  return document !== undefined || WebSocket !== undefined ? "browser" : "unknown";
};

const isRecentNode = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
};

/** Why the library cannot work here at all, and what to do; undefined where it can, or nobody has tried. */
export const runtimeFault = (surroundings: object = globalThis): string | undefined => {
  const around: Surroundings = surroundings;
  if (nameOf(around) !== "node") return undefined;
  const version = around.process?.versions?.["node"] ?? "";
  // Between this and the oldest that it is made for, it may work.
  if (Number(version.split(".")[0]) >= OLDEST_NODE[0]) return undefined;
  return `it needs Node ${OLDEST_NODE.join(".")} or newer; this is Node ${version}`;
};

const syncFault = (name: RuntimeName, surroundings: Surroundings): string | undefined => {
  const { process, SharedArrayBuffer } = surroundings;
  const fault = runtimeFault(surroundings);
  if (fault !== undefined) return fault;
  if (name === "browser") return "a page in a browser must not block; use MQTTClient there";
  if (SharedArrayBuffer === undefined) {
    return "there is no SharedArrayBuffer, which a blocked thread is woken through; use MQTTClient";
  }
  return process?.getBuiltinModule?.("node:worker_threads") === undefined
    ? "there is no node:worker_threads, which Node 20.19, Bun and Deno have; use MQTTClient"
    : undefined;
};

/**
 * Tells on which runtime this is, and what of the library works here. Looks only; changes and prints nothing.
 *
 * @param surroundings - where to look, for tests; default: the global object.
 */
export const checkRuntimeCompatibility = (surroundings: object = globalThis): RuntimeReport => {
  const around: Surroundings = surroundings;
  const runtime = nameOf(around);
  const version = around.process?.versions?.[runtime];
  const hasSockets = hasTcp(around);
  return {
    runtime,
    version,
    isSupported: runtime !== "unknown" && (runtime !== "node" || isRecentNode(version ?? "")),
    features: {
      tcp: feature(
        hasSockets
          ? undefined
          : "scripts in a browser cannot open TCP connections; use ws:// or wss://",
      ),
      webSocket: feature(
        hasSockets || around.WebSocket !== undefined ? undefined : "there is no WebSocket here",
      ),
      sync: feature(syncFault(runtime, around)),
    },
  };
};

/** Whether the warning was given: once for each process is enough. */
let hasWarned = false;

/**
 * Warns, once for each process, where the library is not made for this runtime: it is older than Node 20.19,
 * or one that nobody has tried. Not with `SUPPRESS_RUNTIME_WARNINGS=true` in the environment.
 *
 * @param surroundings - where to look, for tests; default: the global object.
 * @returns what {@link checkRuntimeCompatibility} does.
 */
export const ensureCompatibleRuntime = (surroundings: object = globalThis): RuntimeReport => {
  const report = checkRuntimeCompatibility(surroundings);
  const { process }: Surroundings = surroundings;
  const isSuppressed = process?.env?.["SUPPRESS_RUNTIME_WARNINGS"]?.toLowerCase() === "true";
  if (report.isSupported || hasWarned || isSuppressed) return report;
  hasWarned = true;
  const { runtime, version = "of an unknown version" } = report;
  process?.emitWarning?.(
    `gf-mqtt-client is made for Node 20.19 or newer, Bun, Deno and browsers; this is ${runtime} ${version}. ` +
      "Set SUPPRESS_RUNTIME_WARNINGS=true to silence this warning.",
    "RuntimeCompatibilityWarning",
  );
  return report;
};
