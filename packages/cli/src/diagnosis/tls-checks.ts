import { isIP } from "node:net";

import { messageOf } from "../failures/message-of.ts";
import { assertSpeech } from "./address-checks.ts";
import type { Check } from "./check.ts";
import { failed, NotTold, ok } from "./finding.ts";
import type { Verdict } from "./finding.ts";
import type { Handshake } from "./network/certificate.ts";
import type { Probe } from "./probe.ts";

const DAY_MS = 86_400_000;
const SOON_DAYS = 30;

const NO_TLS = "mqtt:// and ws:// have no TLS: who is between can read all";

/** The handshake, for a check that is not about whether it comes about. */
const handshakeOf = async (probe: Probe): Promise<Handshake> => {
  if (!probe.subject.isSecure) throw new NotTold(NO_TLS);
  await assertSpeech(probe);
  try {
    return await probe.handshake();
  } catch {
    throw new NotTold("no handshake");
  }
};

/** Why there is no handshake, in words. */
export const handshakeVerdict = (text: string, hasCertificate: boolean): Verdict => {
  if (/wrong version number|packet length too long|unknown protocol|http request/.test(text)) {
    return failed("what answers there speaks no TLS", "use mqtt:// or ws://, or another port");
  }
  if (/alert|ECONNRESET|closed|socket hang up|EPROTO/i.test(text)) {
    return hasCertificate
      ? failed(
          `the broker refused the handshake (${text})`,
          "check that an authority that the broker trusts has signed --cert, and until when",
        )
      : failed(
          `the broker refused the handshake (${text})`,
          "if it asks for a client certificate, give --cert and --key; otherwise see its log",
        );
  }
  return failed(`no TLS handshake (${text})`, "check the files of --ca, --cert and --key");
};

const handshake = async (probe: Probe): Promise<Verdict> => {
  if (!probe.subject.isSecure) throw new NotTold(NO_TLS);
  await assertSpeech(probe);
  try {
    const { version } = await probe.handshake();
    return ok(version, { version });
  } catch (error) {
    return handshakeVerdict(messageOf(error), probe.subject.tls.cert !== undefined);
  }
};

/** Whether an authority vouches for the certificate. */
export const chainVerdict = (
  { distrust, issuer }: Pick<Handshake, "distrust" | "issuer">,
  hasCa: boolean,
): Verdict => {
  if (distrust === undefined) return ok(`signed by ${issuer}`, { issuer });
  const data = { code: distrust, issuer };
  return hasCa
    ? failed(
        `no authority of --ca vouches for the certificate, signed by ${issuer} (${distrust})`,
        "give --ca the certificate of the authority that signed it, and those between",
        data,
      )
    : failed(
        `no authority known here vouches for the certificate, signed by ${issuer} (${distrust})`,
        "give --ca the certificate of the authority that signed it",
        data,
      );
};

/** Whether the certificate is for the name that was dialled. */
export const nameVerdict = ({
  isNamed,
  name,
  names,
}: Pick<Handshake, "isNamed" | "name" | "names">): Verdict =>
  isNamed
    ? ok(`the certificate is for ${name}`)
    : failed(
        `the certificate is for ${names}, not for ${name}`,
        isIP(name) === 0
          ? "dial a name that is in the certificate, or give it as --servername"
          : "dial the name in the certificate instead of the address, or give it as --servername",
      );

/** For how long the certificate is still good. */
export const expiryVerdict = (expiresAt: Date | undefined, now: Date): Verdict => {
  if (expiresAt === undefined) throw new NotTold("the end of the certificate cannot be read");
  const days = Math.floor((expiresAt.getTime() - now.getTime()) / DAY_MS);
  const day = expiresAt.toISOString().slice(0, 10);
  const data = { expiresAt: expiresAt.toISOString(), days };
  const advice = "renew it at the broker";
  if (expiresAt <= now) {
    return failed(
      `the certificate expired on ${day}`,
      `${advice}, or set this machine's clock`,
      data,
    );
  }
  return days < SOON_DAYS
    ? failed(`the certificate expires in ${String(days)} days, on ${day}`, advice, data)
    : ok(`the certificate is good until ${day}`, data);
};

export const TLS_CHECKS: readonly Check[] = [
  { id: "tls.handshake", group: "TLS", title: "handshake", run: handshake },
  {
    id: "tls.chain",
    group: "TLS",
    title: "chain",
    run: async (probe) =>
      chainVerdict(await handshakeOf(probe), probe.subject.tls.ca !== undefined),
  },
  {
    id: "tls.name",
    group: "TLS",
    title: "name",
    run: async (probe) => nameVerdict(await handshakeOf(probe)),
  },
  {
    id: "tls.expiry",
    group: "TLS",
    title: "expiry",
    run: async (probe) => expiryVerdict((await handshakeOf(probe)).expiresAt, new Date()),
  },
];
