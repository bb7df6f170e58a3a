// @ts-check
// Sends malformed packets to clients, before, in and after CONNACK, and watches that none of them dies, goes deaf or
// stays away: a link either still delivers a good message behind them, or is closed and dialled again.
// usage: node tools/attack-packets.js [--count 100000] [--seed 1]        (after npm run build)
import { once } from "node:events";
import { createServer } from "node:net";
import { parseArgs } from "node:util";
import { MQTTClient, MessageHandlerBase } from "gf-mqtt-client";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "100000" },
    seed: { type: "string", default: "1" },
  },
});
const COUNT = Number(values.count);
const SEED = Number(values.seed);
/** Longest wait for a good message behind bad ones, or for the end of the link, in ms. */
const PATIENCE_MS = 10_000;
const MARKER = "marker";

/** Numbers from 0 up to 1, the same ones for the same seed. @param {number} seed */
const randomFrom = (seed) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
};

/** @param {number} value @returns {readonly number[]} */
const varInt = (value) =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varInt(value >>> 7)];

/** @param {number} first @param {readonly number[]} body */
const packet = (first, body) => Buffer.from([first, ...varInt(body.length), ...body]);

/** @param {string} value */
const text = (value) => [value.length >> 8, value.length & 0xff, ...Buffer.from(value)];

/** @param {4 | 5} level @param {string} topic @param {string} payload */
const publish = (level, topic, payload) =>
  packet(0x30, [...text(topic), ...(level === 5 ? [0] : []), ...Buffer.from(payload)]);

/** What a broker may send, of every kind. @param {4 | 5} level @param {() => number} random */
const goodPackets = (level, random) => {
  const id = [0, 1 + Math.floor(random() * 5)];
  const reason = level === 5 ? [0x10, 7, 0x1f, ...text("none")] : [];
  const none = level === 5 ? [0] : [];
  const properties =
    level === 5 ? [16, 0x08, ...text("a/b"), 0x09, ...text("id"), 0x02, 0, 0, 0, 9] : [];
  const body = [...text("a/b"), ...properties, ...Buffer.from('{"body":1,"timestamp":1}')];
  return [
    packet(0x20, [0, 0, ...(level === 5 ? [3, 0x21, 0, 9] : [])]),
    packet(0x30, body),
    packet(0x32, [...text("a/b"), ...id, ...none, 0x7b, 0x7d]),
    packet(0x34, [...text("a/b"), ...id, ...none, 0x7b, 0x7d]),
    packet(0x40, [...id, ...reason]),
    packet(0x50, [...id, ...reason]),
    packet(0x62, [...id, ...(level === 5 ? [0] : [])]),
    packet(0x70, id),
    packet(0x90, [...id, ...none, 0]),
    packet(0xb0, [...id, ...none, ...none]),
    packet(0xd0, []),
    packet(0xe0, level === 5 ? [0x8b, 0] : []),
    packet(0xf0, none),
  ];
};

/** @template T @param {readonly T[]} items @param {() => number} random */
const oneOf = (items, random) => items[Math.floor(random() * items.length)];

/** A packet with something wrong with it, or by chance nothing. @param {4 | 5} level @param {() => number} random */
const badPacket = (level, random) => {
  const bytes = Buffer.from(oneOf(goodPackets(level, random), random) ?? []);
  const at = Math.floor(random() * bytes.length);
  const byte = Math.floor(random() * 256);
  switch (Math.floor(random() * 8)) {
    case 0:
      bytes[at] = byte;
      return bytes;
    case 1:
      bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
      return bytes;
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), Uint8Array.of(byte), bytes.subarray(at)]);
    case 4:
      // Shorter than it should be, with a length that fits.
      return packet(bytes[0] ?? 0, [...bytes.subarray(2, 2 + at)]);
    case 5:
      return packet(bytes[0] ?? 0, [...bytes.subarray(2), ...bytes.subarray(2)]);
    case 6:
      return packet(byte, [...bytes.subarray(2)]);
    default:
      return Buffer.from(Array.from({ length: 1 + at }, () => Math.floor(random() * 256)));
  }
};

/** Whether bytes end in the middle of a packet, whatever the packets are. @param {Buffer} bytes */
const endsWithin = (bytes) => {
  let at = 0;
  while (at < bytes.length) {
    let length = 0;
    let end = at + 1;
    for (let digits = 0; ; digits += 1, end += 1) {
      const digit = bytes[end];
      if (digit === undefined) return true;
      // A length that is none: there are no packets behind it.
      if (digits === 4) return false;
      length += (digit & 0x7f) * 128 ** digits;
      if (digit < 0x80) break;
    }
    at = end + 1 + length;
  }
  return at > bytes.length;
};

/** @param {import("node:net").Socket} socket @param {Buffer} bytes @param {() => number} random */
const sendCut = async (socket, bytes, random) => {
  const pieceBytes =
    random() < 0.3 ? 1 : random() < 0.5 ? 1 + Math.floor(random() * 9) : bytes.length;
  for (let at = 0; at < bytes.length && !socket.destroyed; at += pieceBytes) {
    socket.write(bytes.subarray(at, at + pieceBytes));
    if (pieceBytes < bytes.length) await new Promise((resolve) => setImmediate(resolve));
  }
};

/** Splits what a client sends. @param {(first: number, body: Buffer) => void} onPacket */
const packetsOf = (onPacket) => {
  let rest = Buffer.alloc(0);
  return (/** @type {Buffer} */ bytes) => {
    rest = Buffer.concat([rest, bytes]);
    for (;;) {
      const digits = rest.subarray(1, 5).findIndex((byte) => byte < 0x80);
      if (digits === -1) return;
      let length = 0;
      for (let at = digits; at >= 0; at -= 1) length = length * 128 + ((rest[1 + at] ?? 0) & 0x7f);
      const end = 2 + digits + length;
      if (rest.length < end) return;
      onPacket(rest[0] ?? 0, rest.subarray(2 + digits, end));
      rest = rest.subarray(end);
    }
  };
};

const state = { sent: 0, links: 0, closed: 0, delivered: 0, cut: 0 };

/** @param {string} what @returns {never} */
const fail = (what) => {
  console.error(`FAILED: ${what} (seed ${SEED}, after ${state.sent} packets)`);
  process.exit(1);
};

process.on("uncaughtException", (error) => fail(`uncaught exception: ${String(error.stack)}`));
process.on("unhandledRejection", (error) => fail(`unhandled rejection: ${String(error)}`));

/** One client and its broker. @param {4 | 5} level @param {number} seed @param {number} count */
const attack = async (level, seed, count) => {
  const random = randomFrom(seed);
  let isHonest = true;
  /** Packets still to be sent. */
  const rest = { count };
  let marker = 0;
  /** @type {Set<string>} */
  const heard = new Set();

  /** @type {{ socket?: import("node:net").Socket }} */
  const honest = {};

  /** @param {import("node:net").Socket} socket @param {boolean} hasAccepted */
  const misbehave = async (socket, hasAccepted) => {
    const length = random() < 0.6 ? 1 : 1 + Math.floor(random() * 20);
    const batch = Array.from({ length }, () => badPacket(level, random));
    rest.count -= batch.length;
    state.sent += batch.length;
    const bad = Buffer.concat(batch);
    await sendCut(socket, bad, random);
    if (!hasAccepted || endsWithin(bad)) {
      // It may be waiting for the rest.
      state.cut += 1;
      socket.end();
      return;
    }
    const word = `${MARKER} ${(marker += 1)}`;
    socket.write(publish(level, MARKER, JSON.stringify({ body: word, timestamp: 1 })));
    const deadline = Date.now() + PATIENCE_MS;
    while (!socket.destroyed && !heard.has(word)) {
      if (Date.now() > deadline) fail(`deaf behind ${bad.toString("hex")} (level ${level})`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (heard.delete(word)) state.delivered += 1;
    else state.closed += 1;
    socket.end();
  };

  const server = createServer((socket) => {
    state.links += 1;
    honest.socket ??= socket;
    const phase = isHonest ? "never" : oneOf(["before", "in", "after", "after", "after"], random);
    socket.setNoDelay(true);
    socket.on("error", () => {});
    const accept = () => socket.write(packet(0x20, [0, 0, ...(level === 5 ? [0] : [])]));
    socket.on(
      "data",
      packetsOf((first, body) => {
        const id = [...body.subarray(0, 2)];
        if (first >> 4 === 1) {
          if (phase === "before") void misbehave(socket, false);
          else if (phase === "in") {
            socket.write(
              packet(
                0x20,
                Array.from({ length: Math.floor(random() * 9) }, () => Math.floor(random() * 256)),
              ),
            );
            void misbehave(socket, false);
          } else accept();
        } else if (first >> 4 === 8) {
          const filters = level === 5 ? body.subarray(3 + (body[2] ?? 0)) : body.subarray(2);
          let codes = 0;
          for (let at = 0; at < filters.length; at += filters.readUInt16BE(at) + 3) codes += 1;
          socket.write(packet(0x90, [...id, ...(level === 5 ? [0] : []), ...Array(codes).fill(0)]));
        } else if (first === 0x32) {
          const length = body.readUInt16BE(0);
          socket.write(packet(0x40, [...body.subarray(2 + length, 4 + length)]));
        } else if (first === 0xc0) socket.write(packet(0xd0, []));
      }),
    );
    online.waiting = () => {
      if (phase === "after") void misbehave(socket, true);
    };
  });
  /** @type {{ waiting: () => void }} */
  const online = { waiting: () => {} };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  const client = new MQTTClient({
    broker: "127.0.0.1",
    port: address.port,
    protocolVersion: level,
    subscriptions: [MARKER],
    timeoutMs: 20_000,
    reconnect: { minDelayMs: 1, maxDelayMs: 2 },
  });
  client.addMessageHandler(
    new MessageHandlerBase({
      process: (_client, topic, payload) => {
        if (topic === MARKER && typeof payload.body === "string") heard.add(payload.body);
      },
    }),
  );
  client.on("state", (next) => {
    if (next === "online") online.waiting();
    if (next === "closed" && !isHonest) fail("the client gave up");
  });
  await client.connect();
  isHonest = false;
  honest.socket?.destroy();
  while (rest.count > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  isHonest = true;
  await client.publish("a/b", {}, { qos: 1 });
  await client.disconnect();
  server.close();
};

const began = Date.now();
await Promise.all([attack(5, SEED, COUNT / 2), attack(4, SEED + 1, COUNT / 2)]);
const seconds = ((Date.now() - began) / 1_000).toFixed(0);
console.log(
  `${state.sent} packets over ${state.links} links in ${seconds} s: ` +
    `${state.closed} links closed by the client, ${state.delivered} went on, ${state.cut} cut short; nothing deaf, nothing dead`,
);
