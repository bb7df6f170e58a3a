import type { StandardSchemaV1 } from "@standard-schema/spec";
import type {
  BodyOptions,
  ClientEvents,
  ClientState,
  ClientStatistics,
  DescribeOptions,
  DeviceAnswer,
  DevicePresence,
  DisconnectOptions,
  MessageHandlerOf,
  MessageHandlerOptions,
  MQTTClientOptions,
  PresenceOptions,
  PublishOptions,
  RequestHandlerOptions,
  RequestManyOptions,
  RequestOptions,
  RequestPayload,
  ResourceDescription,
  ResourceOptions,
  ResourceRouterOf,
  RespondOptions,
  ResponseHandlerOptions,
  ResponsePayload,
  RouterOptions,
  SubscribeOptions,
  WaitOptions,
} from "../../src/index.ts";

/** What a call gives back: a value at once from a blocking client, a promise from any other. */
export type Awaitable<T> = T | PromiseLike<T>;

type Typed<Schema extends StandardSchemaV1> = ResponsePayload<StandardSchemaV1.InferOutput<Schema>>;

type ResourceMethod = <Schema extends StandardSchemaV1 = StandardSchemaV1>(
  path: string,
  options?: ResourceOptions<Schema>,
) => Awaitable<Typed<Schema>>;

type BodyMethod = <Schema extends StandardSchemaV1 = StandardSchemaV1>(
  path: string,
  body?: unknown,
  options?: BodyOptions<Schema>,
) => Awaitable<Typed<Schema>>;

/** The handle of one subsystem of one device, whichever client it is of. */
export interface ContractDevice {
  readonly targetDeviceTag: string;
  readonly subsystem: string;
  readonly get: ResourceMethod;
  readonly post: BodyMethod;
  readonly put: BodyMethod;
  readonly read: <Schema extends StandardSchemaV1 = StandardSchemaV1>(
    path: string,
    schema?: Schema,
    options?: Omit<BodyOptions, "schema">,
  ) => Awaitable<StandardSchemaV1.InferOutput<Schema>>;
  readonly delete: ResourceMethod;
  readonly describe: (options?: DescribeOptions) => Awaitable<readonly ResourceDescription[]>;
}

/** What a client gives to be iterated over, blocking or not. */
export interface ContractIterator<T> {
  next(): Awaitable<IteratorResult<T, undefined>>;
  return?(): Awaitable<IteratorResult<T, undefined>>;
}

/** A client as the cases see it, blocking or not. Every call is to be awaited. */
export interface ContractClient {
  readonly identifier: string;
  readonly broker: string;
  readonly timeoutMs: number;
  readonly groups: readonly string[];
  readonly state: ClientState;
  readonly isConnected: boolean;
  readonly statistics: ClientStatistics;
  on(name: "state", listener: (...args: ClientEvents["state"]) => void): () => void;
  off(name: "state", listener: (...args: ClientEvents["state"]) => void): void;
  connect(options?: WaitOptions): Awaitable<unknown>;
  disconnect(options?: DisconnectOptions): Awaitable<void>;
  request<Schema extends StandardSchemaV1 = StandardSchemaV1>(
    options: RequestOptions<Schema>,
  ): Awaitable<Typed<Schema>>;
  requestMany(options: RequestManyOptions): AsyncIterable<DeviceAnswer> | Iterable<DeviceAnswer>;
  device(targetDeviceTag: string, subsystem: string): ContractDevice;
  publish(topic: string, payload: object, options?: PublishOptions): Awaitable<void>;
  respond(topic: string, request: RequestPayload, options?: RespondOptions): Awaitable<void>;
  subscribe(filter: string, options?: SubscribeOptions): Awaitable<void>;
  unsubscribe(filter: string, options?: WaitOptions): Awaitable<void>;
  presence(options?: PresenceOptions): ContractIterator<DevicePresence>;
  addMessageHandler(handler: ContractHandler): void;
  removeMessageHandler(handler: ContractHandler): boolean;
  setCredentials(username: string, password: string | (() => string | Promise<string>)): void;
}

/** A handler of such a client. */
export type ContractHandler = MessageHandlerOf<ContractClient>;

/** A router of such a client; plain functions do for both kinds. */
export type ContractRouter = ResourceRouterOf<"sync", ContractClient>;

/** Its options. */
export type ContractRouterOptions = RouterOptions<"sync", ContractClient>;

/** The handler classes that belong to a kind of client. */
export interface HandlerClasses {
  readonly MessageHandlerBase: new (
    options: MessageHandlerOptions<ContractClient>,
  ) => ContractHandler;
  readonly RequestHandlerBase: new (
    options: RequestHandlerOptions<ContractClient>,
  ) => ContractHandler;
  readonly ResponseHandlerBase: new (
    options: ResponseHandlerOptions<ContractClient>,
  ) => ContractHandler;
  readonly ResourceRouter: new (options?: ContractRouterOptions) => ContractRouter;
}

/** The options that a case may set; where the broker is, the stage knows. */
export type ContractOptions = Partial<
  Omit<MQTTClientOptions, "broker" | "port" | "transport" | "protocolVersion">
>;

/** A kind of client, and what cases have to know of it. */
export interface ClientKind {
  readonly name: string;
  /** Whether one client can have several calls under way. */
  readonly makesConcurrentCalls: boolean;
  /** Whether what is given to a client may be a promise: a password, the verdict of a schema. */
  readonly awaitsPromises: boolean;
  /** Whether it can be given `createId`. */
  readonly takesMakersOfIds: boolean;
  /** Whether requester and device can be two clients of one thread, or have to be one and the same. */
  readonly servesWhileOthersCall: boolean;
  readonly handlers: HandlerClasses;
  create(options: MQTTClientOptions): ContractClient;
}

const isPromiseLike = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && "then" in value;

/** Goes on with the result of a client's call, at once where it is there. For handlers, which cannot await. */
export const andThen = <T, U>(call: Awaitable<T>, next: (value: T) => Awaitable<U>): Awaitable<U> =>
  isPromiseLike(call) ? call.then(next) : next(call);

/** The error that a call ends with, whether it throws or rejects. */
export const rejectionOf = async (call: () => Awaitable<unknown>): Promise<unknown> => {
  let result: unknown;
  try {
    result = await call();
  } catch (error) {
    return error;
  }
  throw new Error(`expected the call to fail; it gave ${JSON.stringify(result)}`);
};
