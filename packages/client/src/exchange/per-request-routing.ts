import type { TopicManager } from "../protocol/topic.ts";
import type { Limits } from "../runtime/wait.ts";
import type { OutgoingRequest, ResponseRouting, Route, RoutingPort } from "./routing.ts";

/** A subscription for each request, on the topic that ends in the request's id. */
export class PerRequestRouting implements ResponseRouting {
  readonly #topics: TopicManager;
  readonly #port: RoutingPort;

  constructor(topics: TopicManager, port: RoutingPort) {
    this.#topics = topics;
    this.#port = port;
  }

  route({ target, subsystem, requestId, qos }: OutgoingRequest): Route {
    const requestTopic = this.#topics.buildRequestTopic(target, subsystem, requestId);
    const responseTopic = this.#topics.buildResponseTopic(requestTopic);
    let opened = false;
    return {
      requestTopic,
      responseTopic,
      open: async (limits: Limits) => {
        await this.#port.subscribe({ filter: responseTopic, qos }, limits);
        opened = true;
      },
      close: () => {
        if (opened) this.#port.release(responseTopic);
        opened = false;
      },
    };
  }
}
