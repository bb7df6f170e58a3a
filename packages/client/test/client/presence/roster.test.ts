import { describe, expect, test } from "vitest";
import type { DevicePresence } from "../../../src/client/presence/roster.ts";
import { Roster } from "../../../src/client/presence/roster.ts";

const MOST_DEVICES = 10_000;

const online = (identifier: string, lastUpdated = 1): DevicePresence => ({
  identifier,
  state: "ONLINE",
  lastUpdated,
});

const offline = (identifier: string): DevicePresence => ({
  identifier,
  state: "OFFLINE",
  lastUpdated: 1,
});

const scene = (): { roster: Roster; told: string[]; forget: () => void } => {
  const roster = new Roster();
  const told: string[] = [];
  const forget = roster.listen(({ identifier, state }) => told.push(`${identifier} ${state}`));
  return { roster, told, forget };
};

describe("a roster", () => {
  test("tells of what is new and of what changes, not of what is said again", () => {
    const { roster, told } = scene();
    for (const each of [online("a"), online("a", 2), offline("a"), offline("b"), online("a")]) {
      roster.note(each);
    }
    expect(told).toEqual(["a ONLINE", "a OFFLINE", "b OFFLINE", "a ONLINE"]);
  });

  test("tells who comes later what is known, with the latest time", () => {
    const { roster } = scene();
    roster.note(online("a"));
    roster.note(online("a", 2));
    const known: DevicePresence[] = [];
    roster.listen((presence) => known.push(presence));
    expect(known).toEqual([online("a", 2)]);
  });

  test("is empty when nobody listens any more", () => {
    const { roster, forget } = scene();
    roster.note(online("a"));
    forget();
    expect(roster.size).toBe(0);
  });

  test("forgets those that were not heard of for longest, however many names come", () => {
    const { roster, told } = scene();
    roster.note(online("first"));
    roster.note(online("second"));
    for (let index = 2; index < MOST_DEVICES; index += 1) roster.note(offline(`d${index}`));
    roster.note(online("first"));
    roster.note(online("one more"));
    expect(roster.size).toBe(MOST_DEVICES);
    told.length = 0;
    roster.note(online("first"));
    roster.note(online("second"));
    expect(told).toEqual(["second ONLINE"]);
  });

  test("takes for away who was not heard of between the beginning and the end of a confirmation", () => {
    const { roster, told } = scene();
    for (const name of ["gone", "there"]) roster.note(online(name));
    roster.note(offline("away"));
    told.length = 0;
    roster.beginConfirmation();
    roster.note(online("there"));
    roster.note(online("new"));
    roster.endConfirmation();
    expect(told).toEqual(["new ONLINE", "gone OFFLINE"]);
    roster.note(online("gone"));
    expect(told.at(-1)).toBe("gone ONLINE");
  });
});
