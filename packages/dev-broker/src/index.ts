export { startDevBroker } from "./dev-broker.ts";
export {
  ConnectionError,
  DevBrokerError,
  HookError,
  InvalidOptionError,
  ListenError,
} from "./errors.ts";
export type { Credentials, DevBrokerOptions, MqttVersion } from "./options.ts";
export type { DevBroker, DevBrokerWithWebSocket } from "./running-broker.ts";
