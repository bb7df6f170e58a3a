import { MemoryBroker } from "../../../src/testing.ts";
import type { MemoryBrokerOptions } from "../../../src/testing.ts";
import type { BrokerKind, BrokerOptions, CuttableBroker, Peer } from "./broker-kind.ts";
import { Hearing } from "./hearing.ts";

const DIAL_TIMEOUT_MS = 10_000;

const hooksOf = ({ login, refusedFilters = [] }: BrokerOptions): MemoryBrokerOptions => ({
  allow: { subscribe: (_clientId, filter) => !refusedFilters.includes(filter) },
  ...(login !== undefined && {
    authenticate: ({ username, password }) =>
      username === login.username && password === login.password,
  }),
});

let peers = 0;

const connectPeer = async (broker: MemoryBroker): Promise<Peer> => {
  const hearing = new Hearing();
  const decoder = new TextDecoder();
  peers += 1;
  const link = await broker.connection.transport.dial({
    url: "memory",
    broker: "memory",
    clientId: `peer-${peers}`,
    protocolLevel: 5,
    keepAliveMs: 0,
    timeoutMs: DIAL_TIMEOUT_MS,
    signal: new AbortController().signal,
    onLost: () => {},
    onMessage: ({ topic, payload, qos, retain }) => {
      hearing.hear({ topic, text: decoder.decode(payload), qos, retain });
    },
  });
  return {
    send: (message) => void broker.publish(message),
    publish: async (message) => void broker.publish(message),
    listen: async (filter, qos = 0) => {
      const heard = hearing.listen(filter);
      await link.subscribe([{ filter, qos }]);
      return heard;
    },
    close: () => link.close(),
  };
};

const start = async (options: BrokerOptions = {}): Promise<CuttableBroker> => {
  const broker = new MemoryBroker(hooksOf(options));
  return {
    route: broker.connection,
    peer: () => connectPeer(broker),
    stop: async () => broker.stop(),
    start: async () => broker.start(),
    end: async () => broker.stop(),
    dropConnections: () => broker.dropConnections(),
  };
};

/** The broker in memory, without a network. */
export const memoryKind: BrokerKind = {
  name: "memory broker",
  protocol: "5",
  unavailable: undefined,
  cannotRefuseFilters: undefined,
  reportsNoSubscribers: [1, 2],
  isNetworked: false,
  start,
  startProxy: () => Promise.reject(new Error("there is no network to break")),
  startCuttable: start,
};
