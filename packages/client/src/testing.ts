export { MemoryBroker } from "./transport/memory-broker.ts";
export type {
  MemoryBrokerOptions,
  MemoryCredentials,
  MemoryMessage,
} from "./transport/memory-broker.ts";
