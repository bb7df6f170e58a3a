import { startDevBroker } from "gf-mqtt-dev-broker";
import type { DevBrokerOptions } from "gf-mqtt-dev-broker";
import type { BrokerKind, BrokerOptions, CuttableBroker } from "./broker-kind.ts";
import { connectMqttPeer } from "./mqtt-peer.ts";

const settingsOf = ({ login, refusedFilters = [] }: BrokerOptions): DevBrokerOptions => ({
  wsPort: false,
  authorizeSubscribe: (_clientId, filter) => !refusedFilters.includes(filter),
  ...(login !== undefined && {
    authenticate: ({ username, password }) =>
      username === login.username && password === login.password,
  }),
});

/** The development broker, over TCP in this process. */
export const embeddedKind = (protocol: BrokerKind["protocol"]): BrokerKind => {
  const start = async (options: BrokerOptions = {}): Promise<CuttableBroker> => {
    const settings = settingsOf(options);
    let broker = await startDevBroker(settings);
    const { url, port } = broker;
    return {
      route: { broker: url, protocolVersion: protocol },
      peer: () => connectMqttPeer(url, protocol),
      stop: () => broker.close(),
      start: async () => {
        broker = await startDevBroker({ ...settings, port });
      },
      end: () => broker.close(),
      dropConnections: () => broker.dropConnections(),
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
