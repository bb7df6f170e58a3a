import { apart } from "./apart.ts";
import type { BrokerKind } from "./broker-kind.ts";
import { embeddedKind } from "./embedded-kind.ts";
import { mosquittoKind } from "./mosquitto-kind.ts";

/** Kinds of brokers that go on while the thread of the test is blocked. */
export const kindsApart: readonly BrokerKind[] = [
  embeddedKind("3.1.1", apart),
  mosquittoKind("5", apart),
];
