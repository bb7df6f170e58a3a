import { mqttTransport } from "../../src/transport/mqtt.ts";
import type { DialRequest, IncomingMessage, Link } from "../../src/transport/transport.ts";
import { Arrivals, PATIENCE_MS, soon } from "./soon.ts";

/** A link of the library's own transport, closed with the test. */
export interface DialledLink extends AsyncDisposable {
  readonly link: Link;
  /** What arrived so far. */
  readonly messages: readonly IncomingMessage[];
  /** Waits until as many messages have arrived. */
  received(count: number): Promise<readonly IncomingMessage[]>;
  /** Waits until the link is lost, and gives the cause. */
  lost(): Promise<Error>;
}

let clients = 0;

/** The request of a dial, with what a test does not care about. */
export const dialRequest = (url: string, request: Partial<DialRequest> = {}): DialRequest => ({
  url,
  broker: url,
  clientId: `client-${String((clients += 1))}`,
  protocolLevel: 5,
  keepAliveMs: 60_000,
  timeoutMs: PATIENCE_MS,
  signal: new AbortController().signal,
  onMessage: () => {},
  onLost: () => {},
  ...request,
});

/** Dials with the library's own transport. */
export const dial = async (
  url: string,
  request: Partial<DialRequest> = {},
): Promise<DialledLink> => {
  const messages = new Arrivals<IncomingMessage>("messages");
  const loss: { tell?: (cause: Error) => void } = {};
  const lost = new Promise<Error>((resolve) => {
    loss.tell = resolve;
  });
  const link = await mqttTransport.dial(
    dialRequest(url, {
      onMessage: (message) => {
        messages.add(message);
      },
      onLost: (cause) => loss.tell?.(cause),
      ...request,
    }),
  );
  return {
    link,
    messages: messages.all,
    received: (count) => messages.until(count),
    lost: () => soon("the loss of the link", lost),
    [Symbol.asyncDispose]: () => link.close(),
  };
};
