import { PublishRefusedError } from "../errors/connection-errors.ts";
import { valueText } from "../errors/value-text.ts";
import type { Properties } from "./packet-properties.ts";
import { NO_PROPERTIES, Property } from "./packet-properties.ts";
import { isLongerThan } from "./publish-encoder.ts";
import type { OutgoingMessage, ProtocolLevel } from "./transport.ts";

const PACKET_TOO_LARGE = 0x95;
const RETAIN_NOT_SUPPORTED = 0x9a;
const QOS_NOT_SUPPORTED = 0x9b;

/** Mosquitto takes 20 at once and, under 3.1.1, cannot say so; what comes on top it may drop. */
const DEFAULT_RECEIVE_MAXIMUM = 20;
/** The longest packet that there is: type, length, and as many bytes as the length can say (MQTT 5 §2.1.4). */
const LARGEST_PACKET_BYTES = 268_435_460;

/** What a broker takes, over one link. */
export interface BrokerLimits {
  readonly broker: string;
  readonly level: ProtocolLevel;
  /** Unacknowledged publishes with QoS 1 and 2 at once. */
  readonly receiveMaximum: number;
  readonly maximumQoS: number;
  readonly isRetainAvailable: boolean;
  readonly maximumPacketBytes: number;
}

/** Reads the limits from the properties of CONNACK (MQTT 5 §3.2.2.3). */
export const readLimits = (
  { broker, level }: Pick<BrokerLimits, "broker" | "level">,
  properties: Properties = NO_PROPERTIES,
): BrokerLimits => {
  const limit = (id: number, otherwise: number): number => {
    const value = properties.get(id);
    return typeof value === "number" ? value : otherwise;
  };
  return {
    broker,
    level,
    receiveMaximum: limit(Property.RECEIVE_MAXIMUM, DEFAULT_RECEIVE_MAXIMUM),
    maximumQoS: limit(Property.MAXIMUM_QOS, 2),
    isRetainAvailable: limit(Property.RETAIN_AVAILABLE, 1) !== 0,
    maximumPacketBytes: limit(Property.MAXIMUM_PACKET_SIZE, LARGEST_PACKET_BYTES),
  };
};

const refusal = (
  { topic }: OutgoingMessage,
  { broker }: BrokerLimits,
  { reasonCode, message }: { readonly reasonCode: number; readonly message: string },
): PublishRefusedError =>
  new PublishRefusedError(topic, {
    broker,
    reasonCode,
    message: `the message to ${valueText(topic)} ${message}`,
  });

/** Why the broker would close the connection over this message; undefined where it takes it. It is not sent then. */
export const limitRefusal = (
  message: OutgoingMessage,
  limits: BrokerLimits,
): PublishRefusedError | undefined => {
  const { broker, level, maximumQoS, isRetainAvailable, maximumPacketBytes } = limits;
  if (message.qos > maximumQoS) {
    return refusal(message, limits, {
      reasonCode: QOS_NOT_SUPPORTED,
      message: `has QoS ${String(message.qos)}, and ${broker} takes ${String(maximumQoS)} at most; it was not sent, publish it with a lower QoS`,
    });
  }
  if (message.retain && !isRetainAvailable) {
    return refusal(message, limits, {
      reasonCode: RETAIN_NOT_SUPPORTED,
      message: `is to be retained, and ${broker} retains none; it was not sent, publish it without retain`,
    });
  }
  if (!isLongerThan(maximumPacketBytes, message, level)) return undefined;
  const limit = `${String(maximumPacketBytes)} bytes`;
  const whose =
    maximumPacketBytes === LARGEST_PACKET_BYTES
      ? `no MQTT packet may have more than ${limit}; it was not sent, divide it`
      : `${broker} takes packets of ${limit} at most; it was not sent, divide it or raise the broker's limit`;
  return refusal(message, limits, {
    reasonCode: PACKET_TOO_LARGE,
    message: `is too large: ${whose}`,
  });
};
