import { runSync } from "../handlers/chain.ts";
import type { HandlerList } from "../handlers/runner.ts";
import type { ChainContext } from "../handlers/runner.ts";
import { generalChain, outgoingChain, requestChain, responseChain } from "../handlers/runner.ts";
import { encodeJson } from "../json/encode.ts";
import type { Payload, RequestPayload } from "../protocol/payload.ts";
import type { ResponsePayload } from "../errors/response-payload.ts";
import { ResponseException } from "../errors/response-exception.ts";
import type { CrossingFormat } from "./crossing-format.ts";
import type { Answer, Ask } from "./messages.ts";
import type { LocalReferences } from "./local-references.ts";

type MessageAsk = Exclude<Ask, { readonly kind: "password" }>;

/** What the handlers of the caller's thread are run with. */
export interface LocalRunnerOptions<Client> extends Pick<
  ChainContext<Client>,
  "client" | "onHandlerError"
> {
  readonly handlers: HandlerList<Client>;
  readonly references: LocalReferences;
  readonly crossing: CrossingFormat;
}

/** A detail that has no JSON form is left out; the code tells enough. */
const detailText = (detail: unknown): string | undefined => {
  try {
    return detail === undefined ? undefined : encodeJson(detail, "detail");
  } catch {
    return undefined;
  }
};

/** Takes messages through the handlers of this thread, at once. */
export class LocalRunner<Client> {
  readonly #options: LocalRunnerOptions<Client>;

  constructor(options: LocalRunnerOptions<Client>) {
    this.#options = options;
  }

  /** Never throws: what a handler throws, which the chain has made sure can be read, is part of the answer. */
  run(ask: MessageAsk): Answer {
    try {
      return this.#run(ask);
    } catch (error) {
      return ask.kind === "request" && error instanceof ResponseException
        ? { kind: "refused", code: error.responseCode, detail: detailText(error.detail) }
        : this.#options.references.threw(error);
    }
  }

  #run(ask: MessageAsk): Answer {
    const { client, handlers, onHandlerError, references, crossing } = this.#options;
    const { topic } = ask;
    const list = ask.kind === "outgoing" ? handlers.outgoing : handlers.incoming;
    const chain: ChainContext<Client> = { client, topic, handlers: list, onHandlerError };
    // What the worker sends is what it has read as a message of this kind, as deep as it takes.
    const payload = crossing.read(ask.payload) as Payload;
    switch (ask.kind) {
      case "request":
        return {
          kind: "done",
          isHandled: runSync(requestChain(chain, payload as RequestPayload, ask.arrival)),
        };
      case "general":
        runSync(generalChain(chain, payload));
        return { kind: "done", isHandled: true };
      case "response": {
        const steps = responseChain(chain, payload as ResponsePayload, ask.context);
        return { kind: "reference", id: references.keep(runSync(steps)) };
      }
      case "outgoing": {
        const result = runSync(outgoingChain(chain, payload as RequestPayload));
        return { kind: "payload", payload: crossing.write(result, "request payload") };
      }
    }
  }
}
