import { runSync } from "../handlers/chain.ts";
import type { HandlerList } from "../handlers/runner.ts";
import type { ChainContext } from "../handlers/runner.ts";
import { generalChain, outgoingChain, requestChain, responseChain } from "../handlers/runner.ts";
import { encodeJson } from "../json/encode.ts";
import { parseJson } from "../json/decode.ts";
import type { Payload, RequestPayload } from "../protocol/payload.ts";
import type { ResponsePayload } from "../errors/response-payload.ts";
import { ResponseException } from "../errors/response-exception.ts";
import type { Answer, Ask } from "./messages.ts";
import type { LocalReferences } from "./local-references.ts";

type MessageAsk = Exclude<Ask, { readonly kind: "password" }>;

/** What the handlers of the caller's thread are run with. */
export interface LocalRunsOptions<Client> extends Pick<
  ChainContext<Client>,
  "client" | "onHandlerError"
> {
  readonly handlers: HandlerList<Client>;
  readonly kept: LocalReferences;
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
export class LocalRuns<Client> {
  readonly #options: LocalRunsOptions<Client>;

  constructor(options: LocalRunsOptions<Client>) {
    this.#options = options;
  }

  /** Never throws: what a handler throws is part of the answer. */
  run(ask: MessageAsk): Answer {
    try {
      return this.#run(ask);
    } catch (error) {
      return ask.kind === "request" && error instanceof ResponseException
        ? { kind: "refused", code: error.responseCode, detail: detailText(error.detail) }
        : { kind: "threw", thrown: this.#options.kept.keepThrown(error) };
    }
  }

  #run(ask: MessageAsk): Answer {
    const { client, handlers, onHandlerError, kept } = this.#options;
    const { topic } = ask;
    const list = ask.kind === "outgoing" ? handlers.outgoing : handlers.incoming;
    const scene: ChainContext<Client> = { client, topic, handlers: list, onHandlerError };
    // What the worker sends is what it has read as a message of this kind.
    const payload = parseJson(ask.text) as Payload;
    switch (ask.kind) {
      case "request":
        return {
          kind: "done",
          isHandled: runSync(requestChain(scene, payload as RequestPayload)),
        };
      case "general":
        runSync(generalChain(scene, payload));
        return { kind: "done", isHandled: true };
      case "response": {
        const steps = responseChain(scene, payload as ResponsePayload, ask.context);
        return { kind: "kept", id: kept.keep(runSync(steps)) };
      }
      case "outgoing": {
        const result = runSync(outgoingChain(scene, payload as RequestPayload));
        return { kind: "text", text: encodeJson(result, "request payload") };
      }
    }
  }
}
