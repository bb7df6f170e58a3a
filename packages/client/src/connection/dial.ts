import { ConnectionFailedError } from "../protocol/connection-failed-error.ts";
import type { Limits } from "../runtime/wait.ts";
import { remainingMs, settleWithin } from "../runtime/wait.ts";
import type { DialRequest, Link, Transport } from "../transport/transport.ts";

/** As whom to connect, asked anew at every dial. */
export interface Credentials {
  readonly username: string | undefined;
  readonly password: string | (() => string | Promise<string>) | undefined;
}

/** Which broker to dial, and how: the part that stays the same for the life of a client. */
export interface DialPlan extends Pick<
  DialRequest,
  "url" | "clientId" | "protocolLevel" | "keepAliveMs" | "tls" | "logger"
> {
  readonly transport: Transport;
  readonly credentials: () => Credentials;
}

type DialEvents = Pick<DialRequest, "onMessage" | "onLost" | "signal">;

const readPassword = async ({ password }: Credentials): Promise<string | undefined> =>
  typeof password === "function" ? password() : password;

/** Opens one link: asks for the credentials, then dials, all within the limits. */
export const openLink = async (
  plan: DialPlan,
  limits: Limits,
  events: DialEvents,
): Promise<Link> => {
  const { transport, credentials, ...target } = plan;
  const { username } = credentials();
  try {
    const password = await settleWithin(limits, readPassword(credentials()));
    return await settleWithin(
      limits,
      transport.dial({
        ...target,
        ...events,
        ...(username === undefined ? {} : { username }),
        ...(password === undefined ? {} : { password }),
        timeoutMs: remainingMs(limits),
      }),
    );
  } catch (error) {
    if (events.signal.aborted || error instanceof ConnectionFailedError) throw error;
    throw new ConnectionFailedError(plan.url, { cause: error });
  }
};
