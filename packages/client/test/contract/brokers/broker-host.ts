import { startTcpProxy } from "../../support/tcp-proxy.ts";
import type { BrokerKind, BrokerOptions, LinkProxy, Peer, Reachable } from "./broker-kind.ts";
import { startEmbedded } from "./embedded-broker.ts";
import { connectMqttPeer } from "./mqtt-peer.ts";

/** Where everything runs that clients of a test talk to. */
export interface BrokerHost {
  startBroker(options: BrokerOptions): Promise<Reachable>;
  startProxy(port: number): Promise<LinkProxy>;
  connectPeer(url: string, protocol: BrokerKind["protocol"]): Promise<Peer>;
}

/** The thread of the test. */
export const here: BrokerHost = {
  startBroker: startEmbedded,
  startProxy: (port) => startTcpProxy({ port }),
  connectPeer: connectMqttPeer,
};
