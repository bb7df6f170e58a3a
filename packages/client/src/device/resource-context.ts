import type { Method } from "../protocol/method.ts";
import type { RequestPayload } from "../protocol/payload.ts";

/** What a router needs of the client that it is added to. */
export interface RouterClient {
  readonly identifier: string;
}

/** The time that a request has, and how its end is told. */
export interface RequestTime {
  /** Ms left until nobody waits for the answer any more; `Infinity` where that is not known. */
  remainingMs(): number;
  /** Aborts when nobody waits any more. */
  signal(): AbortSignal;
}

/** What {@link ResourceContext} is made of. */
export interface ResourceContextInit<Client> {
  readonly client: Client;
  readonly topic: string;
  readonly subsystem: string;
  readonly payload: RequestPayload;
  /** Less the query and a leading slash. */
  readonly path: string;
  /** The text behind the question mark. */
  readonly queryText: string;
  readonly params: Readonly<Record<string, string>>;
  readonly time: RequestTime;
}

/**
 * A request as its handler sees it.
 * @example
 * router.get("captures/:id", ({ params, query, source }) => read(params.id, query.get("unit"), source));
 */
export class ResourceContext<
  Client = RouterClient,
  Params extends Readonly<Record<string, string>> = Readonly<Record<string, string>>,
  Body = unknown,
> {
  /** The client that the router was added to; a handler may send requests with it. */
  readonly client: Client;
  /** The topic that the request came on. */
  readonly topic: string;
  /** The part of the device that was asked. */
  readonly subsystem: string;
  /** The request as it came. */
  readonly payload: RequestPayload;
  /** The path asked for, without a leading slash and without the query. */
  readonly path: string;
  /** What the parameters of the route's path stand for; what `**` stands for is under that name. Cannot be changed. */
  readonly params: Params;
  /** The request's body, as the route's schema made it. */
  readonly body: Body;
  readonly #queryText: string;
  readonly #time: RequestTime;
  #query: URLSearchParams | undefined;

  constructor(init: ResourceContextInit<Client>, params: Params, body: Body) {
    this.client = init.client;
    this.topic = init.topic;
    this.subsystem = init.subsystem;
    this.payload = init.payload;
    this.path = init.path;
    this.params = params;
    this.body = body;
    this.#queryText = init.queryText;
    this.#time = init.time;
  }

  /**
   * What stands behind `?` in the path (RFC 7252 §5.10.1, Uri-Query).
   * @example
   * const unit = context.query.get("unit") ?? "dB";
   */
  get query(): URLSearchParams {
    this.#query ??= new URLSearchParams(this.#queryText);
    return this.#query;
  }

  /**
   * What is asked of the resource.
   * @example
   * console.log(context.method, context.path);
   */
  get method(): Method {
    return this.payload.header.method;
  }

  /**
   * The authentication token, where the request carries one.
   * @example
   * const isKnown = tokens.has(context.token);
   */
  get token(): string | undefined {
    return this.payload.header.token ?? undefined;
  }

  /**
   * What groups the requests of a batch, where the request says so.
   * @example
   * batches.add(context.correlationId);
   */
  get correlationId(): string | undefined {
    return this.payload.header.correlation_id ?? undefined;
  }

  /**
   * Who asks, where the request says so.
   * @example
   * console.log(`asked by ${context.source ?? "somebody"}`);
   */
  get source(): string | undefined {
    return this.payload.header.source ?? undefined;
  }

  /**
   * The id of the request, which its response carries, too.
   * @example
   * console.log(context.requestId);
   */
  get requestId(): string {
    return this.payload.header.request_id;
  }

  /**
   * Ms left until the answer comes too late; `Infinity` where that is not known.
   * @example
   * if (context.remainingMs < 1_000) return answer(ResponseCode.SERVICE_UNAVAILABLE, "no time for that");
   */
  get remainingMs(): number {
    return this.#time.remainingMs();
  }

  /**
   * Aborts when the answer would come too late: pass it on to whatever takes time.
   * @example
   * const data = await digitizer.read({ signal: context.signal });
   */
  get signal(): AbortSignal {
    return this.#time.signal();
  }
}
