import type { Configure } from "./command.ts";

/** A command of `gf-mqtt`, before its file is loaded. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<Configure>;
}

/** All commands, in the order of the help. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "demo",
    summary: "a broker, a simulated instrument and those who ask it, in this terminal",
    load: async () => (await import("./commands/demo.ts")).configure,
  },
  {
    name: "get",
    summary: "read a resource",
    load: async () => (await import("./commands/request.ts")).get,
  },
  {
    name: "put",
    summary: "replace a resource",
    load: async () => (await import("./commands/request.ts")).put,
  },
  {
    name: "post",
    summary: "let a resource act, or create one",
    load: async () => (await import("./commands/request.ts")).post,
  },
  {
    name: "delete",
    summary: "remove a resource",
    load: async () => (await import("./commands/request.ts")).remove,
  },
  {
    name: "ask",
    summary: "ask many devices the same",
    load: async () => (await import("./commands/ask.ts")).configure,
  },
  {
    name: "listen",
    summary: "watch requests and their answers as they pass",
    load: async () => (await import("./commands/listen.ts")).configure,
  },
  {
    name: "record",
    summary: "keep the traffic in a file",
    load: async () => (await import("./commands/record.ts")).configure,
  },
  {
    name: "replay",
    summary: "answer, or ask again, as it was recorded",
    load: async () => (await import("./commands/replay.ts")).configure,
  },
  {
    name: "devices",
    summary: "who is there; --watch: who comes and goes",
    load: async () => (await import("./commands/devices.ts")).configure,
  },
  {
    name: "describe",
    summary: "what a device serves",
    load: async () => (await import("./commands/describe.ts")).configure,
  },
  {
    name: "ping",
    summary: "whether a device answers, and how fast",
    load: async () => (await import("./commands/ping.ts")).configure,
  },
  {
    name: "serve",
    summary: "a device: the simulated instrument, or what a file describes",
    load: async () => (await import("./commands/serve.ts")).configure,
  },
  {
    name: "reply",
    summary: "answer requests for a resource, as a mock",
    load: async () => (await import("./commands/reply.ts")).configure,
  },
  {
    name: "broker",
    summary: "the embedded broker, for tests",
    load: async () => (await import("./commands/broker.ts")).configure,
  },
  {
    name: "bench",
    summary: "how fast a device answers: a load, and its latencies",
    load: async () => (await import("./commands/bench.ts")).configure,
  },
  {
    name: "doctor",
    summary: "what is wrong, with the broker or with a device, and what to do",
    load: async () => (await import("./commands/doctor.ts")).configure,
  },
  {
    name: "context",
    summary: "brokers that have a name: add, list, use, remove",
    load: async () => (await import("./commands/context.ts")).configure,
  },
  {
    name: "completion",
    summary: "a script for bash, zsh or fish that completes what you type",
    load: async () => (await import("./commands/completion.ts")).configure,
  },
];
