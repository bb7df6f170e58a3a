import * as library from "gf-mqtt-client";
import { cbor } from "gf-mqtt-client/cbor";
import type { ClientState, MQTTClientOptions, RequestOptions } from "gf-mqtt-client";

/** What went wrong, in a form that leaves the page. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  /** The library's error classes that it is an instance of. */
  readonly classes: readonly string[];
  /** Everything else that it carries. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What a call came to: the one or the other. */
export interface Outcome {
  readonly value?: unknown;
  readonly failure?: Failure;
}

/** How a test sets up the client of its page. */
export type PageClientOptions = Pick<
  MQTTClientOptions,
  "broker" | "identifier" | "protocolVersion" | "timeoutMs"
>;

/** What a test asks for from its page. */
export type PageRequest = Pick<
  RequestOptions,
  "targetDeviceTag" | "subsystem" | "path" | "method" | "body" | "qos" | "timeoutMs"
>;

/** Longest wait for a change of state, in ms. */
const PATIENCE_MS = 10_000;

let current: library.MQTTClient | undefined;

const client = (): library.MQTTClient => {
  if (current === undefined) throw new Error("connect() comes first");
  return current;
};

const isErrorClass = (value: unknown): value is new (...args: never) => Error =>
  typeof value === "function" && value.prototype instanceof Error;

const classesOf = (error: unknown): readonly string[] =>
  Object.entries(library)
    .filter(([, value]) => isErrorClass(value) && error instanceof value)
    .map(([name]) => name);

const failureOf = (error: unknown): Failure => {
  if (!(error instanceof Error)) throw new Error("what was thrown is no error", { cause: error });
  const { name, message } = error;
  const fields = { ...Object.fromEntries(Object.entries(error)), cause: String(error.cause) };
  return { name, message, classes: classesOf(error), fields };
};

const outcomeOf = async (call: Promise<unknown>): Promise<Outcome> => {
  try {
    return { value: await call };
  } catch (error) {
    return { failure: failureOf(error) };
  }
};

const page = {
  connect: (options: PageClientOptions): Promise<Outcome> => {
    const reconnect = { minDelayMs: 1, maxDelayMs: 20 };
    current = new library.MQTTClient({ timeoutMs: PATIENCE_MS, reconnect, ...options });
    return outcomeOf(current.connect());
  },

  request: (request: PageRequest): Promise<Outcome> => outcomeOf(client().request(request)),

  /** All at once; the bodies of the answers. */
  requestAll: (requests: readonly PageRequest[]): Promise<Outcome> =>
    outcomeOf(Promise.all(requests.map(async (request) => (await client().request(request)).body))),

  /** Answers every request with what it asked for. */
  serve: (): void => {
    client().addMessageHandler(
      new library.RequestHandlerBase({
        process: async (device, topic, request) => {
          const { header, body } = request;
          const answer = { method: header.method, path: header.path, body };
          await device.respond(topic, request, { body: answer });
        },
      }),
    );
  },

  /** Resolves once the client is in a state. */
  reached: (state: ClientState): Promise<void> =>
    new Promise((resolve, reject) => {
      const waiting = client();
      const deadline = AbortSignal.timeout(PATIENCE_MS);
      const look = (): void => {
        if (waiting.state !== state) return;
        stopLooking();
        resolve();
      };
      const stopLooking = waiting.on("state", look);
      deadline.addEventListener("abort", () => {
        stopLooking();
        reject(new Error(`the client is ${waiting.state}, not ${state}`));
      });
      look();
    }),

  /** Sends typed arrays to a device of its own in CBOR; what came back, as text. */
  echoInCbor: async (broker: string): Promise<string> => {
    const options = { broker, identifier: "echo", timeoutMs: PATIENCE_MS };
    const both = new library.MQTTClient({ ...options, contentFormats: [cbor] });
    const router = new library.ResourceRouter({ subsystem: "axuv" });
    both.addMessageHandler(router.put("echo", ({ body }) => body));
    await both.connect();
    const { body } = await both.device("echo", "axuv").put("echo", Float32Array.of(1.5, -2));
    await both.disconnect();
    return `${Object.prototype.toString.call(body)} ${String(body)}`;
  },

  disconnect: async (): Promise<ClientState> => {
    await client().disconnect();
    return client().state;
  },
};

declare global {
  var gfMqttPage: typeof page;
}

globalThis.gfMqttPage = page;
