import type { BrokerKind, BrokerOptions, CuttableBroker } from "./broker-kind.ts";
import type { BrokerHost } from "./broker-host.ts";
import { here } from "./broker-host.ts";

/** The development broker, over TCP; by default in the thread of the test. */
export const embeddedKind = (
  protocol: BrokerKind["protocol"],
  { startBroker, startProxy, connectPeer }: BrokerHost = here,
): BrokerKind => {
  const start = async (options: BrokerOptions = {}): Promise<CuttableBroker> => {
    const broker = await startBroker(options);
    return {
      ...broker,
      route: { broker: broker.url, protocolVersion: protocol },
      peer: () => connectPeer(broker.url, protocol),
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
    startProxy,
    startCuttable: start,
  };
};
