export { startDevBroker } from "./dev-broker.ts";
export type { DevBroker, DevBrokerWithWebSocket } from "./dev-broker.ts";
export {
  ConnectionError,
  DevBrokerError,
  HookError,
  InvalidOptionError,
  ListenError,
} from "./errors.ts";
export type { DevBrokerOptions, MqttVersion } from "./options.ts";
export type { Credentials } from "./hooks.ts";
