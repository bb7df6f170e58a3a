import { afterAll, afterEach, beforeAll, describe } from "vitest";
import { asyncClients } from "./async-clients.ts";
import { kindsApart } from "./brokers/apart-kinds.ts";
import type { BrokerKind } from "./brokers/broker-kind.ts";
import { embeddedKind } from "./brokers/embedded-kind.ts";
import { memoryKind } from "./brokers/memory-kind.ts";
import { mosquittoKind } from "./brokers/mosquitto-kind.ts";
import { ContractStage } from "./stage.ts";
import type { Stage } from "./stage.ts";
import { syncClients } from "./sync-clients.ts";
import { keepWorkers } from "../support/worker-source.ts";

const BROKER_KINDS: readonly BrokerKind[] = [
  memoryKind,
  embeddedKind("3.1.1"),
  embeddedKind("5"),
  mosquittoKind("3.1.1"),
  mosquittoKind("5"),
];

/**
 * Plays the cases on every stage. Blocking clients start a thread each and do nothing with a broker that the
 * others do not, so one broker has to do for them: Mosquitto where it is installed.
 */
export const overEveryStage = (cases: (stage: Stage) => void): void => {
  keepWorkers();
  for (const brokers of BROKER_KINDS) playOn(new ContractStage(asyncClients, brokers), cases);
  const real = kindsApart.filter(({ unavailable }) => unavailable === undefined).at(-1);
  if (real !== undefined) playOn(new ContractStage(syncClients, real), cases);
};

/** Plays cases that are about sockets and take their time: on both networked brokers, in both versions. */
export const overNetworkStages = (cases: (stage: Stage) => void): void => {
  keepWorkers();
  for (const brokers of [embeddedKind("3.1.1"), mosquittoKind("5")]) {
    playOn(new ContractStage(asyncClients, brokers), cases);
  }
  for (const brokers of kindsApart) playOn(new ContractStage(syncClients, brokers), cases);
};

const playOn = (stage: ContractStage, cases: (stage: Stage) => void): void => {
  const { name, unavailable } = stage;
  const note = unavailable === undefined ? "" : ` (skipped: ${unavailable})`;
  describe.skipIf(unavailable !== undefined)(`${name}${note}`, () => {
    beforeAll(() => stage.begin());
    afterEach(() => stage.clear());
    afterAll(() => stage.end());
    cases(stage);
  });
};
