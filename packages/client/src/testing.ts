export type { AccessRule, AccessRules } from "./transport/access-rules.ts";
export { MemoryBroker } from "./simulation/memory-broker.ts";
export { seededRandom } from "./simulation/seeded-random.ts";
export { simulate } from "./simulation/simulate.ts";
export type { SimulateOptions, SimulatedDevice } from "./simulation/simulate.ts";
export type {
  MemoryBrokerOptions,
  MemoryCredentials,
  MemoryMessage,
} from "./transport/memory-broker.ts";
