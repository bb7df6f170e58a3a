import { startDevBroker } from "gf-mqtt-dev-broker";
import type { DevBrokerOptions } from "gf-mqtt-dev-broker";
import type { BrokerOptions, Reachable } from "./broker-kind.ts";

const settingsOf = ({ login, refusedFilters = [] }: BrokerOptions): DevBrokerOptions => ({
  wsPort: false,
  authorizeSubscribe: (_clientId, filter) => !refusedFilters.includes(filter),
  ...(login !== undefined && {
    authenticate: ({ username, password }) =>
      username === login.username && password === login.password,
  }),
});

/** Starts the development broker, over TCP in this thread. */
export const startEmbedded = async (options: BrokerOptions = {}): Promise<Reachable> => {
  const settings = settingsOf(options);
  let broker = await startDevBroker(settings);
  const { url, port } = broker;
  return {
    url,
    stop: () => broker.close(),
    start: async () => {
      broker = await startDevBroker({ ...settings, port });
    },
    end: () => broker.close(),
    dropConnections: () => broker.dropConnections(),
  };
};
