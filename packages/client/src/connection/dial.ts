import { ConnectionFailedError } from "../errors/connection-failed-error.ts";
import { OptionError } from "../errors/input-errors.ts";
import type { Deadline } from "../runtime/deadline.ts";
import { remainingMs, settleWithin } from "../runtime/deadline.ts";
import { dialFailure } from "../transport/dial-failure.ts";
import type { DialRequest, Link, Transport } from "../transport/transport.ts";

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
}

type DialEvents = Pick<DialRequest, "onMessage" | "onLost" | "signal">;

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

/** Dials within the limits. A transport that comes back later than that has its link closed again. */
const dialWithin = async (
  transport: Transport,
  request: DialRequest,
  limits: Deadline,
): Promise<Link> => {
  const dialling = transport.dial(request);
  try {
    return await settleWithin(limits, dialling);
  } catch (error) {
    dialling.then(
      (link) => link.close(),
      () => undefined,
    );
    throw error;
  }
};

/** Opens one link: asks for the credentials, then dials, all within the limits. */
export const openLink = async (
  plan: DialPlan,
  limits: Deadline,
  events: DialEvents,
): Promise<Link> => {
  const { transport, credentials, ...target } = plan;
  const current = credentials();
  const { username } = current;
  try {
    const password = await settleWithin(limits, readPassword(current));
    const request: DialRequest = {
      ...target,
      ...events,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      timeoutMs: Math.ceil(remainingMs(limits)),
    };
    return await dialWithin(transport, request, limits);
  } catch (error) {
    if (events.signal.aborted || error instanceof ConnectionFailedError) throw error;
    throw dialFailure(plan, { cause: error });
  }
};
