import { Socket } from "node:net";
import { startDevBroker } from "gf-mqtt-dev-broker";
import { describe, expect, test, vi } from "vitest";
import { makeCertificates, opensslPath } from "./certificates.ts";
import { dial } from "./dialled-link.ts";
import { startTlsFront } from "./tls-front.ts";

/** Dials, and looks at the sockets that were told to do without while the link is open. */
const expectNoDelayTo = async (url: string, port: number): Promise<void> => {
  const calls = vi.spyOn(Socket.prototype, "setNoDelay");
  await using client = await dial(url, { tls: { rejectUnauthorized: false } });
  expect(client.link).toBeDefined();
  const told = calls.mock.contexts.map((socket, call) => ({
    port: socket instanceof Socket ? socket.remotePort : undefined,
    isOn: calls.mock.calls[call]?.[0] ?? true,
  }));
  const last = told.findLast((one) => one.port === port);
  expect(last).toEqual({ port, isOn: true });
};

describe("Nagle's algorithm, which costs 40 ms a request, is off", () => {
  test("over TCP", async () => {
    await using broker = await startDevBroker({ wsPort: false });
    await expectNoDelayTo(broker.url, broker.port);
  });

  test("over a WebSocket", async () => {
    await using broker = await startDevBroker();
    await expectNoDelayTo(broker.wsUrl, broker.wsPort);
  });

  test.skipIf(opensslPath === undefined)("over TLS (needs openssl)", async () => {
    const { server } = await makeCertificates();
    await using broker = await startDevBroker({ wsPort: false });
    await using front = await startTlsFront(broker.port, server);
    await expectNoDelayTo(`mqtts://127.0.0.1:${String(front.port)}`, front.port);
  });
});
