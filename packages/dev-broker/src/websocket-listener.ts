import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer, createWebSocketStream } from "ws";
import type { WebSocket } from "ws";
import { Listener } from "./listener.ts";
import type { ListenerSetup } from "./listener.ts";

const SUBPROTOCOL = "mqtt";
const ADVICE = `This port speaks MQTT over WebSocket, subprotocol "${SUBPROTOCOL}".\n`;

/**
 * Listens for MQTT over WebSocket (MQTT 5 §6), on every path of the port.
 *
 * @throws {ListenError} the address cannot be bound.
 */
export function listenWebSocket(
  setup: ListenerSetup,
  serve: (stream: Duplex, request: IncomingMessage) => void,
): Promise<Listener> {
  const server = createServer((_request, response) => {
    response.writeHead(426, { "content-type": "text/plain", upgrade: "websocket" }).end(ADVICE);
  });
  const handshakes = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    handleProtocols: () => SUBPROTOCOL,
  });
  server.on("upgrade", (request, socket, head) => {
    if (!offersMqtt(request)) {
      refuse(socket);
      return;
    }
    handshakes.handleUpgrade(request, socket, head, (webSocket) => {
      serve(streamOver(webSocket), request);
    });
  });
  return Listener.bind(server, { kind: "WebSocket", ...setup });
}

function offersMqtt(request: IncomingMessage): boolean {
  const offered = request.headers["sec-websocket-protocol"] ?? "";
  return offered.split(",").some((name) => name.trim() === SUBPROTOCOL);
}

function refuse(socket: Duplex): void {
  // A peer that is gone already needs no answer.
  socket.on("error", () => socket.destroy());
  socket.end(
    "HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\nconnection: close\r\n" +
      `content-length: ${ADVICE.length}\r\n\r\n${ADVICE}`,
  );
}

function streamOver(webSocket: WebSocket): Duplex {
  webSocket.on("message", (_data, isBinary) => {
    // Other frames than binary ones end the connection [MQTT-6.0.0-1].
    if (!isBinary) webSocket.terminate();
  });
  return createWebSocketStream(webSocket);
}
