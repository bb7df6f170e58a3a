import { LinkEnd, ProbeLink } from "./network/probe-link.ts";
import type { Level } from "./network/probe-dial.ts";
import type { Subject } from "./subject.ts";

/** A broker that was asked in, and what became of it. */
export interface Login {
  readonly link: ProbeLink;
  /** Why the broker did not take MQTT 5, where it was asked to. */
  readonly refusedLevel: LinkEnd | undefined;
}

/** "Unsupported protocol version" of MQTT 5 (§3.2.2.2), and of 3.1.1 (§3.2.2.3). */
const LEVEL_REFUSED: readonly (number | undefined)[] = [0x84, 1];

/** Some old brokers hang up at the sight of MQTT 5. */
const isAboutLevel = (error: unknown): error is LinkEnd =>
  error instanceof LinkEnd &&
  (error.reasonCode === undefined || LEVEL_REFUSED.includes(error.reasonCode));

/** Connects as the library would: with MQTT 5, and with 3.1.1 to a broker that refuses that. */
export const logIn = async (
  subject: Subject,
  clientId: string,
  signal: AbortSignal,
): Promise<Login> => {
  const open = (level: Level): Promise<ProbeLink> =>
    ProbeLink.open(subject, { clientId, level }, signal);
  if (subject.level !== "auto") {
    return { link: await open(subject.level), refusedLevel: undefined };
  }
  try {
    return { link: await open(5), refusedLevel: undefined };
  } catch (error) {
    if (!isAboutLevel(error)) throw error;
    try {
      return { link: await open(4), refusedLevel: error };
    } catch (second) {
      // Of two that hang up, the first is what the broker thinks of its clients.
      throw isAboutLevel(second) ? error : second;
    }
  }
};
