import { mosquittoPath, startMosquitto } from "../../support/mosquitto.ts";
import type { RealBroker } from "../../support/mosquitto.ts";
import type { Broker, BrokerKind, BrokerOptions } from "./broker-kind.ts";
import { cannotRefuseFilters, refuseFilters } from "./mosquitto-refusals.ts";
import { here } from "./broker-host.ts";
import type { BrokerHost } from "./broker-host.ts";

interface Access {
  /** Where clients connect. */
  readonly url: string;
  readonly protocol: BrokerKind["protocol"];
  readonly connectPeer: BrokerHost["connectPeer"];
}

const brokerOf = (real: RealBroker, { url, protocol, connectPeer }: Access): Broker => ({
  route: { broker: url, protocolVersion: protocol },
  peer: () => connectPeer(real.url, protocol),
  stop: () => real.stop(),
  start: () => real.restart(),
  end: async () => real[Symbol.asyncDispose](),
});

/** Mosquitto, over TCP in a process of its own. */
export const mosquittoKind = (
  protocol: BrokerKind["protocol"],
  { startProxy, connectPeer }: BrokerHost = here,
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
    const broker = brokerOf(real, { url: real.url, protocol, connectPeer });
    return {
      ...broker,
      end: async () => {
        await broker.end();
        await refusals?.remove();
      },
    };
  },
  startProxy,
  startCuttable: async () => {
    const real = await startMosquitto({ tcpNoDelay: true });
    // Mosquitto has no way to cut connections, so they go through something that has.
    const proxy = await startProxy(real.port);
    const broker = brokerOf(real, { url: proxy.url, protocol, connectPeer });
    return {
      ...broker,
      dropConnections: () => void proxy.cut(),
      end: async () => {
        await proxy.close();
        await broker.end();
      },
    };
  },
});
