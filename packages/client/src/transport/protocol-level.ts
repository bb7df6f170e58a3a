import { DialFault, SilentEnd } from "./dial-diagnosis.ts";
import type { DialRequest, Link, ProtocolLevel } from "./transport.ts";

/** "Unsupported protocol version" of MQTT 5 (§3.2.2.2) and "unacceptable protocol version" of 3.1.1 (§3.2.2.3). */
const LEVEL_REFUSED_CODES: readonly (number | undefined)[] = [132, 1];

const refusesLevel = ({ evidence }: DialFault): boolean =>
  LEVEL_REFUSED_CODES.includes(evidence.reasonCode);

/** Whether the connection was open and then closed or reset, without a word about why. */
const endsInSilence = ({ evidence: { cause, firstBytes, wasConnected } }: DialFault): boolean => {
  if ((firstBytes?.length ?? 0) > 0) return false;
  if (cause instanceof SilentEnd) return true;
  return (
    wasConnected === true &&
    cause instanceof Error &&
    "code" in cause &&
    cause.code === "ECONNRESET"
  );
};

type DialAt = (level: ProtocolLevel) => Promise<Link>;

/** Some brokers of old hang up at the sight of MQTT 5. So does one that just restarts, or minds something else. */
const dialInSilence = async ({ broker, logger }: DialRequest, dialAt: DialAt): Promise<Link> => {
  logger?.debug({ broker }, "the broker closed the connection without a reason, trying again");
  try {
    return await dialAt(5);
  } catch (second) {
    if (!(second instanceof DialFault) || !endsInSilence(second)) throw second;
    try {
      const link = await dialAt(4);
      logger?.info(
        { broker },
        "the broker closed the connection twice on MQTT 5, and accepts MQTT 3.1.1",
      );
      return link;
    } catch (third) {
      throw third instanceof DialFault && endsInSilence(third) ? second : third;
    }
  }
};

/**
 * Dials at the level that is asked for. Where it is left open, that is MQTT 5, and 3.1.1 for brokers that refuse it;
 * the next dial begins with MQTT 5 again.
 */
export const dialByLevel = async (request: DialRequest, dialAt: DialAt): Promise<Link> => {
  const { protocolLevel, broker, logger } = request;
  if (protocolLevel !== "auto") return dialAt(protocolLevel);
  try {
    return await dialAt(5);
  } catch (error) {
    if (!(error instanceof DialFault)) throw error;
    if (refusesLevel(error)) {
      logger?.info({ broker }, "the broker refused MQTT 5, trying MQTT 3.1.1");
      return dialAt(4);
    }
    if (!endsInSilence(error)) throw error;
    return dialInSilence(request, dialAt);
  }
};
