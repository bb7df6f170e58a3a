import type { Arrival } from "../handlers/message-handler.ts";
import type { MessageRunner } from "../handlers/runner.ts";
import { parseJson } from "../json/decode.ts";
import type { Payload, RequestPayload } from "../protocol/payload.ts";
import type { ResponsePayload } from "../errors/response-payload.ts";
import type { ResponseContext } from "../protocol/response-error.ts";
import { ResponseException } from "../errors/response-exception.ts";
import type { Answer, Ask } from "./messages.ts";
import { ReferencedError } from "./serialized.ts";
import type { CrossingFormat } from "./crossing-format.ts";
import type { SharedCells } from "./shared-cells.ts";

/** What a handler that threw stands for here. */
const thrownBy = (answer: Answer): Error | undefined => {
  if (answer.kind === "threw") return new ReferencedError(answer.thrown);
  if (answer.kind !== "refused") return undefined;
  const { code, detail } = answer;
  return new ResponseException(detail === undefined ? undefined : parseJson(detail), {
    responseCode: code,
  });
};

/** Takes messages through handlers that run on the caller's thread. */
export class RemoteRunner implements MessageRunner {
  readonly #cells: Pick<SharedCells, "handlers">;
  readonly #ask: (ask: Ask) => Promise<Answer>;
  readonly #crossing: CrossingFormat;
  readonly #referenceOf = new WeakMap<ResponsePayload, number>();

  /** @param ask - asks the caller's thread, and rejects only when there is nobody to answer any more. */
  constructor(
    cells: Pick<SharedCells, "handlers">,
    crossing: CrossingFormat,
    ask: (ask: Ask) => Promise<Answer>,
  ) {
    this.#cells = cells;
    this.#crossing = crossing;
    this.#ask = ask;
  }

  get hasIncoming(): boolean {
    return this.#cells.handlers.hasIncoming;
  }

  get hasOutgoing(): boolean {
    return this.#cells.handlers.hasOutgoing;
  }

  async #run(ask: Ask): Promise<Answer> {
    const answer = await this.#ask(ask);
    const thrown = thrownBy(answer);
    if (thrown !== undefined) throw thrown;
    return answer;
  }

  /** The response itself; what the handlers made of it stays with them, see {@link RemoteRunner.referenceOf}. */
  async runResponse(
    topic: string,
    response: ResponsePayload,
    context: ResponseContext,
  ): Promise<ResponsePayload> {
    const payload = this.#crossing.pass(response);
    const answer = await this.#run({ kind: "response", topic, payload, context });
    if (answer.kind === "reference") this.#referenceOf.set(response, answer.id);
    return response;
  }

  /** Under which number the caller's thread keeps what its handlers made of a response; undefined: they saw none. */
  referenceOf(response: ResponsePayload): number | undefined {
    return this.#referenceOf.get(response);
  }

  async runRequest(topic: string, request: RequestPayload, arrival?: Arrival): Promise<boolean> {
    const payload = this.#crossing.pass(request);
    const answer = await this.#run({ kind: "request", topic, payload, arrival });
    return answer.kind === "done" && answer.isHandled;
  }

  async runGeneral(topic: string, payload: Payload): Promise<void> {
    // What a handler threw was logged where it ran.
    await this.#ask({ kind: "general", topic, payload: this.#crossing.pass(payload) });
  }

  async runOutgoing(topic: string, request: RequestPayload): Promise<Payload> {
    const payload = this.#crossing.pass(request);
    const answer = await this.#run({ kind: "outgoing", topic, payload });
    // Checked by whoever sends it, like everything that handlers give back.
    return (answer.kind === "payload" ? this.#crossing.read(answer.payload) : request) as Payload;
  }
}
