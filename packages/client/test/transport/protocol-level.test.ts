import { describe, expect, test } from "vitest";
import { DialFault, SilentEnd } from "../../src/transport/dial-diagnosis.ts";
import { dialByLevel } from "../../src/transport/protocol-level.ts";
import { MemoryBroker } from "../../src/transport/memory-broker.ts";
import type { Link, ProtocolLevel } from "../../src/transport/transport.ts";
import { recordingLogger } from "../runtime/recording-logger.ts";
import { dialRequest } from "./dialled-link.ts";

const silence = (): DialFault => new DialFault({ cause: new SilentEnd(), wasConnected: true });
const reset = (wasConnected: boolean): DialFault =>
  new DialFault({ cause: Object.assign(new Error("reset"), { code: "ECONNRESET" }), wasConnected });
const refusal = (reasonCode: number): DialFault =>
  new DialFault({ cause: new Error("refused"), reasonCode });

/** Dials at the level left open; each attempt ends as given, and a link comes of it where nothing is. */
const dialled = async (...ends: readonly (Error | undefined)[]) => {
  const { logger, entries } = recordingLogger();
  const levels: ProtocolLevel[] = [];
  const link = (protocolLevel: ProtocolLevel): Promise<Link> =>
    new MemoryBroker().connection.transport.dial(dialRequest("mqtt://memory", { protocolLevel }));
  const outcome = await dialByLevel(
    dialRequest("mqtt://memory", { protocolLevel: "auto", logger }),
    async (level) => {
      const end = ends[levels.length];
      levels.push(level);
      if (end !== undefined) throw end;
      return link(level);
    },
  ).catch((error: unknown) => error);
  const told = entries.filter(({ level }) => level === "info").map(({ message }) => message);
  return { levels, told, outcome };
};

describe("a dial whose level is left open", () => {
  test.each([
    ["takes MQTT 5 where it is accepted", [undefined], [5]],
    ["takes MQTT 3.1.1 where MQTT 5 is refused in its own form", [refusal(132), undefined], [5, 4]],
    ["takes MQTT 3.1.1 where MQTT 5 is refused in the old form", [refusal(1), undefined], [5, 4]],
    ["gives MQTT 5 a second try where it was closed", [silence(), undefined], [5, 5]],
    ["gives MQTT 5 a second try where it was reset", [reset(true), undefined], [5, 5]],
    [
      "takes MQTT 3.1.1 where MQTT 5 was closed twice",
      [silence(), reset(true), undefined],
      [5, 5, 4],
    ],
  ])("%s", async (_what, ends, levels) => {
    const dialling = await dialled(...ends);
    expect(dialling.levels).toEqual(levels);
    expect(dialling.outcome).toMatchObject({ protocolLevel: levels.at(-1) });
  });

  test.each([
    ["the broker refuses this client", [refusal(135)], [5]],
    ["nothing was connected", [reset(false)], [5]],
    ["the broker refuses this client at the second try", [silence(), refusal(135)], [5, 5]],
    ["the broker refuses this client in MQTT 3.1.1", [silence(), silence(), refusal(5)], [5, 5, 4]],
  ])("fails with the last answer where %s", async (_what, ends, levels) => {
    const dialling = await dialled(...ends);
    expect(dialling.levels).toEqual(levels);
    expect(dialling.outcome).toBe(ends.at(-1));
    expect(dialling.told).toEqual([]);
  });

  test("fails as MQTT 5 did where MQTT 3.1.1 is closed as well, and says nothing of versions", async () => {
    const second = silence();
    const dialling = await dialled(silence(), second, silence());
    expect(dialling.outcome).toBe(second);
    expect(dialling.told).toEqual([]);
  });

  test("does not try again what somebody else ended", async () => {
    const stopped = new Error("stopped");
    const dialling = await dialled(silence(), stopped);
    expect(dialling.outcome).toBe(stopped);
    expect(dialling.levels).toEqual([5, 5]);
  });
});
