import { ApartThread } from "./apart.ts";
import type { BrokerKind } from "./broker-kind.ts";
import { embeddedKind } from "./embedded-kind.ts";
import { mosquittoKind } from "./mosquitto-kind.ts";

/** The thread of all brokers and proxies of a test file, begun when the first of them is. */
let thread: ApartThread | undefined;
const apart = (): ApartThread => (thread ??= new ApartThread());

/** Kinds of brokers that go on while the thread of the test is blocked. */
export const kindsApart: readonly BrokerKind[] = [
  embeddedKind("3.1.1", (options) => apart().start({ what: "broker", options })),
  mosquittoKind("5", async (port) => {
    const proxy = await apart().start({ what: "proxy", port });
    return { url: proxy.url, cut: () => proxy.dropConnections(), close: () => proxy.end() };
  }),
];
