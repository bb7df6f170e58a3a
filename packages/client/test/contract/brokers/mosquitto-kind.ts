import { mosquittoPath, startMosquitto } from "../../support/mosquitto.ts";
import type { RealBroker } from "../../support/mosquitto.ts";
import { startTcpProxy } from "../../support/tcp-proxy.ts";
import type { Broker, BrokerKind, BrokerOptions } from "./broker-kind.ts";
import { cannotRefuseFilters, refuseFilters } from "./mosquitto-refusals.ts";
import { connectMqttPeer } from "./mqtt-peer.ts";

interface Place {
  /** Where clients connect. */
  readonly url: string;
  readonly protocol: BrokerKind["protocol"];
}

const brokerOf = (real: RealBroker, { url, protocol }: Place): Broker => ({
  route: { broker: url, protocolVersion: protocol },
  peer: () => connectMqttPeer(real.url, protocol),
  stop: () => real.stop(),
  start: () => real.restart(),
  end: async () => real[Symbol.asyncDispose](),
});

/** Something between clients and a broker that can cut their connections. */
export interface Cutter {
  readonly url: string;
  cut(): void;
  close(): Promise<void>;
}

/**
 * Mosquitto, over TCP in a process of its own.
 *
 * @param startCutter - starts what cuts connections; by default in the thread of the test.
 */
export const mosquittoKind = (
  protocol: BrokerKind["protocol"],
  startCutter: (port: number) => Promise<Cutter> = (port) => startTcpProxy({ port }),
): BrokerKind => ({
  name: "Mosquitto",
  protocol,
  unavailable: mosquittoPath === undefined ? "Mosquitto is not installed" : undefined,
  cannotRefuseFilters,
  // With QoS 2 it takes the message over before it looks for subscribers.
  reportsNoSubscribers: protocol === "5" ? [1] : [],
  isNetworked: true,
  start: async ({ login, refusedFilters }: BrokerOptions = {}) => {
    const refusals = refusedFilters && (await refuseFilters(refusedFilters));
    const real = await startMosquitto({
      tcpNoDelay: true,
      ...(login && { authenticate: login }),
      ...(refusals && { config: refusals.config }),
    });
    const broker = brokerOf(real, { url: real.url, protocol });
    return {
      ...broker,
      end: async () => {
        await broker.end();
        await refusals?.remove();
      },
    };
  },
  startCuttable: async () => {
    const real = await startMosquitto({ tcpNoDelay: true });
    // Mosquitto has no way to cut connections, so they go through something that has.
    const proxy = await startCutter(real.port);
    const broker = brokerOf(real, { url: proxy.url, protocol });
    return {
      ...broker,
      dropConnections: () => proxy.cut(),
      end: async () => {
        await proxy.close();
        await broker.end();
      },
    };
  },
});
