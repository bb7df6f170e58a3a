import type { Connection } from "../../connection/connection.ts";
import { isJsonObject } from "../../json/object.ts";
import { Method } from "../../protocol/method.ts";
import { MessageType } from "../../protocol/message-type.ts";
import type { RequestPayload } from "../../protocol/payload.ts";
import { PayloadHandler } from "../../protocol/payload-handler.ts";
import { DEVICE_SUBSYSTEM, epochMsOf } from "../../protocol/status.ts";
import type { ResponsePayload } from "../../errors/response-payload.ts";
import { operationDeadline } from "../options/call-options.ts";
import { EVERYBODY } from "../options/group-options.ts";
import type { ClientSettings } from "../options/settings.ts";
import { DISCOVERY_PATH } from "../resource-description.ts";
import type { DevicePresence } from "./roster.ts";

/** What a query works with. */
export interface OnlineQueryOptions {
  readonly settings: ClientSettings;
  readonly connection: Pick<Connection, "publish" | "subscriptions">;
  /** Where the answers come in; undefined: each topic has to be subscribed. */
  readonly mailboxFilter: string | undefined;
}

/**
 * Asks everybody who is there: not all clusters of brokers give a new subscriber what another node retains. Every
 * answer counts, whenever it comes, for who is silent may be away or have another way to say that it is there.
 */
export class OnlineQuery {
  readonly #options: OnlineQueryOptions;
  readonly #payloads: PayloadHandler;
  readonly #requestTopic: string;
  readonly #responseTopic: string;
  #requestId: string | undefined;

  constructor(options: OnlineQueryOptions) {
    this.#options = options;
    const { topics, mailbox, clock } = options.settings;
    this.#payloads = new PayloadHandler({ now: () => clock.epochMs() });
    this.#requestTopic = topics.buildRequestTopic(EVERYBODY, DEVICE_SUBSYSTEM, mailbox);
    this.#responseTopic = topics.buildResponseTopic(this.#requestTopic);
  }

  /** The filter to subscribe for the answers; undefined where they come in anyway. */
  get filter(): string | undefined {
    const { connection, mailboxFilter } = this.#options;
    const isOpen = mailboxFilter !== undefined && connection.subscriptions.isGranted(mailboxFilter);
    return isOpen ? undefined : this.#responseTopic;
  }

  /** Asks; rejects where that could not be sent. */
  async send(): Promise<void> {
    const { settings, connection } = this.#options;
    const { identifier: source } = settings;
    const requestId = settings.createId();
    const request = this.#payloads.createRequestPayload(Method.GET, DISCOVERY_PATH, requestId, {
      source,
    });
    this.#requestId = requestId;
    const topic = this.#requestTopic;
    await connection.publish(
      { topic, payload: JSON.stringify(request), qos: 0, retain: false, expires: true },
      operationDeadline(settings, {}, "ask who is there"),
    );
  }

  /** Who has answered with this response; undefined: it answers something else. */
  answeredBy(topic: string, { header, timestamp }: ResponsePayload): DevicePresence | undefined {
    const { source, request_id: requestId } = header;
    if (topic !== this.#responseTopic || requestId !== this.#requestId) return undefined;
    if (typeof source !== "string" || source === "") return undefined;
    return { identifier: source, state: "ONLINE", lastUpdated: epochMsOf(timestamp) };
  }
}

/** Whether a request asks a device, or everybody, who is there. */
export const isOnlineQuery = (
  { topics, identifier }: Pick<ClientSettings, "topics" | "identifier">,
  topic: string,
  { header }: RequestPayload,
): boolean => {
  const before = `${topics.namespace}/${DEVICE_SUBSYSTEM}/${MessageType.REQUEST}/`;
  if (!topic.startsWith(before) || header.method !== Method.GET) return false;
  const isAsked = [EVERYBODY, identifier].some((name) =>
    topic.startsWith(`${name}/`, before.length),
  );
  return isAsked && isJsonObject(header) && header.path.replace(/^\//, "") === DISCOVERY_PATH;
};
