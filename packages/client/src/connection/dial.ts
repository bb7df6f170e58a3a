import { LinkLostError } from "../errors/connection-errors.ts";
import { ConnectionFailedError } from "../errors/connection-failed-error.ts";
import { OptionError } from "../errors/input-errors.ts";
import type { Clock } from "../runtime/platform.ts";
import type { Deadline } from "../runtime/deadline.ts";
import { remainingMs, settleWithin } from "../runtime/deadline.ts";
import { dialFailure } from "../transport/dial-diagnosis.ts";
import type { DialRequest, Link, Transport, WillMessage } from "../transport/transport.ts";

/** As whom to connect, asked anew at every dial. */
export interface Credentials {
  readonly username: string | undefined;
  readonly password: string | (() => string | Promise<string>) | undefined;
}

/** Which broker to dial, and how: the part that stays the same for the life of a client. */
export interface DialPlan extends Pick<
  DialRequest,
  "url" | "broker" | "clientId" | "protocolLevel" | "keepAliveMs" | "tls" | "logger"
> {
  readonly transport: Transport;
  readonly credentials: () => Credentials;
  /** The Last Will, made anew for every dial. */
  readonly will?: (() => WillMessage | undefined) | undefined;
}

/** How far a dial has come. */
export interface DialProgress {
  /** What has not happened yet, where it is not simply the broker's answer to the dial. */
  waitsFor?: string | undefined;
}

interface DialEvents extends Pick<DialRequest, "onMessage" | "onLost" | "signal"> {
  readonly progress: DialProgress;
}

const readPassword = async ({ password }: Credentials): Promise<string | undefined> => {
  if (typeof password !== "function") return password;
  const given: unknown = await password();
  if (typeof given === "string") return given;
  throw new OptionError(
    "password",
    `(a function that gave ${typeof given})`,
    "one that gives a text",
  );
};

/** Dials within the deadline. A transport that comes back later than that has its link closed again. */
const dialWithin = async (
  transport: Transport,
  request: DialRequest,
  deadline: Deadline,
): Promise<Link> => {
  const dialling = transport.dial(request);
  try {
    return await settleWithin(deadline, dialling);
  } catch (error) {
    dialling.then(
      (link) => link.close(),
      () => undefined,
    );
    throw error;
  }
};

/** The broker retains no messages, a Last Will included, and refuses who asks it to (MQTT 5 §3.2.2.3.5). */
const RETAIN_NOT_SUPPORTED = 0x9a;

/** The same with a Last Will, where there is one: one that is not retained, if the broker does not take the other. */
const dialWithWill = async (
  transport: Transport,
  request: DialRequest,
  { deadline, will }: { readonly deadline: Deadline; readonly will: WillMessage | undefined },
): Promise<Link> => {
  if (will === undefined) return dialWithin(transport, request, deadline);
  try {
    return await dialWithin(transport, { ...request, will }, deadline);
  } catch (error) {
    const isRefused =
      error instanceof ConnectionFailedError && error.reasonCode === RETAIN_NOT_SUPPORTED;
    if (!isRefused || !will.retain) throw error;
    return dialWithin(transport, { ...request, will: { ...will, retain: false } }, deadline);
  }
};

interface DialTerms extends Pick<DialRequest, "timeoutMs" | "signal"> {
  readonly clock: Clock;
  readonly progress: DialProgress;
}

/** When one dial gives up. */
export const dialDeadline = (
  plan: DialPlan,
  { clock, timeoutMs, signal, progress }: DialTerms,
): Deadline => ({
  clock,
  expiresAt: clock.monotonicMs() + timeoutMs,
  signal,
  timeoutError: () => {
    const { waitsFor = "no answer" } = progress;
    return dialFailure(plan, { cause: new Error(`${waitsFor} within ${String(timeoutMs)} ms`) });
  },
});

/** Opens one link: asks for the credentials, then dials, all within the deadline. */
const openLink = async (
  plan: DialPlan,
  deadline: Deadline,
  { progress, ...events }: DialEvents,
): Promise<Link> => {
  const { transport, credentials, will, ...target } = plan;
  const current = credentials();
  const { username } = current;
  try {
    progress.waitsFor = "the password function gave nothing";
    const password = await settleWithin(deadline, readPassword(current));
    progress.waitsFor = undefined;
    const request: DialRequest = {
      ...target,
      ...events,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      timeoutMs: Math.ceil(remainingMs(deadline)),
    };
    return await dialWithWill(transport, request, { deadline, will: will?.() });
  } catch (error) {
    if (events.signal.aborted || error instanceof ConnectionFailedError) throw error;
    throw dialFailure(plan, { cause: error });
  }
};

/** What is told of a dial, and done before its link is used. */
export interface DialListeners extends Pick<DialRequest, "onMessage" | "signal"> {
  readonly progress: DialProgress;
  /** The link is gone, after it was established. */
  readonly onLost: (link: Link, cause: Error) => void;
  /** Brings the subscriptions back. */
  readonly restore: (link: Link) => Promise<void>;
  /** Called with the link, in the very moment in which it was found to stand. */
  readonly onEstablished: (link: Link) => void;
}

/**
 * One dial: link open, and every subscription answered.
 *
 * @throws {ConnectionFailedError} no link, or it went before it could be used.
 */
export const establishLink = async (
  plan: DialPlan,
  deadline: Deadline,
  { onMessage, onLost, restore, onEstablished, signal, progress }: DialListeners,
): Promise<void> => {
  const dialled: { link?: Link; lost?: Error } = {};
  const noteLoss = (cause: Error): void => {
    dialled.lost = cause;
    if (dialled.link !== undefined) onLost(dialled.link, cause);
  };
  const link = await openLink(plan, deadline, { onMessage, onLost: noteLoss, signal, progress });
  dialled.link = link;
  progress.waitsFor = "no answer to the subscriptions";
  try {
    await restore(link);
    if (dialled.lost !== undefined) throw dialled.lost;
    signal.throwIfAborted();
  } catch (error) {
    void link.close();
    throw error instanceof LinkLostError ? dialFailure(plan, { cause: error }) : error;
  }
  progress.waitsFor = undefined;
  // Without an await since the checks: a link lost or a client closed in between would be missed.
  onEstablished(link);
};
