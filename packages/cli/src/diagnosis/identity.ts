import { freshIdentifier } from "./fresh-identifier.ts";
import { logIn } from "./login.ts";
import { readRetained } from "./retained.ts";
import type { Subject } from "./subject.ts";

/** As whom the broker is tried out. */
export interface Identity {
  readonly clientId: string;
  /** Somebody else is there under the identifier that was given: its presence says so. */
  readonly hasTwin: boolean;
}

/** Where a device tells, retained, that it is there. */
export const statusTopicOf = (namespace: string, identifier: string): string =>
  `${namespace}/device/system/${identifier}/status`;

/** What a device says of itself: ONLINE, OFFLINE, or undefined where it is no status. */
export const stateIn = (payload: string | undefined): string | undefined => {
  const [, state] = /"state"\s*:\s*"(ONLINE|OFFLINE)"/.exec(payload ?? "") ?? [];
  return state;
};

/**
 * The identifier that was given, unless somebody is there under it: to connect as that one as well would throw it off
 * the broker. It is asked for with another one, which not every broker lets in.
 */
export const chooseIdentity = async (
  subject: Subject,
  graceMs: number,
  signal: AbortSignal,
): Promise<Identity> => {
  const { identifier } = subject;
  const fresh = freshIdentifier();
  if (identifier === undefined) return { clientId: fresh, hasTwin: false };
  const asGiven = { clientId: identifier, hasTwin: false };
  try {
    const { link } = await logIn(subject, fresh, signal);
    await using asking = link;
    const topic = statusTopicOf(subject.namespace, identifier);
    const state = stateIn(await readRetained(asking, topic, graceMs));
    return state === "ONLINE" ? { clientId: fresh, hasTwin: true } : asGiven;
  } catch {
    // The login with the identifier that was given tells why.
    return asGiven;
  }
};
