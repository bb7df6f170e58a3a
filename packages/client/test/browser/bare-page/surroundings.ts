/** First byte of a packet: its type, and flags (MQTT 5 §2.1). */
const CONNECT = 0x10;
const SUBSCRIBE = 0x82;
/** Accepted, no session, no properties (MQTT 5 §3.2). */
const CONNACK = [0x20, 0x03, 0x00, 0x00, 0x00];
/** More than MQTT.js leaves to a socket that has not sent it yet. */
const FULL_BYTES = 1024 * 1024;

let workers = 0;
/** How much room the socket has: plenty, none, or none as somebody has just seen. */
let room: "plenty" | "none" | "seen none" = "plenty";
let pauseMs: number | undefined;
const subscribers = new EventTarget();

/** How many workers were made. */
export const workerCount = (): number => workers;

/** For how long, in ms, MQTT.js waited when it met a socket with too much to send. */
export const pauseAtFullSocket = (): number | undefined => pauseMs;

/** Resolves once a client subscribes to something, which it does when it has taken the CONNACK. */
export const subscribeSent: Promise<void> = new Promise((resolve) => {
  subscribers.addEventListener("subscribe", () => resolve(), { once: true });
});

/**
 * A socket to a broker that accepts everybody and never says another word. After the CONNECT it has
 * no room until somebody has waited for it.
 */
class LoneWebSocket extends EventTarget {
  readonly OPEN = 1;
  binaryType = "blob";
  readyState = 0;

  constructor() {
    super();
    queueMicrotask(() => {
      this.readyState = this.OPEN;
      this.dispatchEvent(new Event("open"));
    });
  }

  get bufferedAmount(): number {
    if (room === "plenty") return 0;
    room = "seen none";
    return FULL_BYTES;
  }

  send(packet: Uint8Array): void {
    if (packet[0] === SUBSCRIBE) subscribers.dispatchEvent(new Event("subscribe"));
    if (packet[0] !== CONNECT) return;
    room = "none";
    const { buffer } = Uint8Array.from(CONNACK);
    queueMicrotask(() => {
      this.dispatchEvent(Object.assign(new Event("message"), { data: buffer }));
    });
  }

  close(): void {
    this.dispatchEvent(new Event("close"));
  }
}

/** Does no work, but is counted. */
class CountedWorker extends EventTarget {
  constructor() {
    super();
    workers += 1;
  }

  postMessage(): void {
    // Nobody is there to take it.
  }
}

const startTimer = globalThis.setTimeout;

/** The timer that follows the look at a full socket is the wait for room. */
const startWatchedTimer = (
  callback: (...values: readonly unknown[]) => void,
  delayMs?: number,
  ...values: readonly unknown[]
): unknown => {
  if (room === "seen none") {
    room = "plenty";
    pauseMs = delayMs;
  }
  return startTimer(callback, delayMs, ...values);
};

// By its window and document, MQTT.js tells that it is in a page.
Object.assign(globalThis, {
  window: globalThis,
  self: globalThis,
  document: {},
  navigator: { userAgent: "" },
  WebSocket: LoneWebSocket,
  Worker: CountedWorker,
  setTimeout: startWatchedTimer,
});
