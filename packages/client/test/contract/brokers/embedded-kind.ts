import type { BrokerKind, BrokerOptions, CuttableBroker, Reachable } from "./broker-kind.ts";
import { startEmbedded } from "./embedded-broker.ts";
import { connectMqttPeer } from "./mqtt-peer.ts";

/** How the broker of a kind is started: in this thread, or in another one. */
export type StartReachable = (options: BrokerOptions) => Promise<Reachable>;

/** The development broker, over TCP; by default in the thread of the test. */
export const embeddedKind = (
  protocol: BrokerKind["protocol"],
  startReachable: StartReachable = startEmbedded,
): BrokerKind => {
  const start = async (options: BrokerOptions = {}): Promise<CuttableBroker> => {
    const broker = await startReachable(options);
    return {
      ...broker,
      route: { broker: broker.url, protocolVersion: protocol },
      peer: () => connectMqttPeer(broker.url, protocol),
    };
  };
  return {
    name: "embedded broker",
    protocol,
    unavailable: undefined,
    cannotRefuseFilters: undefined,
    reportsNoSubscribers: [],
    isNetworked: true,
    start,
    startCuttable: start,
  };
};
