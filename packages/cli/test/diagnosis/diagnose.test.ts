import { expect, test } from "vitest";

import type { Check } from "../../src/diagnosis/check.ts";
import { CHECKS } from "../../src/diagnosis/check-table.ts";
import { Deadlines, TooLate } from "../../src/diagnosis/deadlines.ts";
import { diagnose } from "../../src/diagnosis/diagnose.ts";
import { DiagnosisReport, wrap } from "../../src/diagnosis/diagnosis-report.ts";
import { NotTold, failed, ok, unknown } from "../../src/diagnosis/finding.ts";
import type { Finding } from "../../src/diagnosis/finding.ts";
import { Probe } from "../../src/diagnosis/probe.ts";
import { readSubject } from "../../src/diagnosis/subject.ts";

const check = (run: Check["run"]): Check => ({
  id: "limits.qos",
  group: "Limits",
  title: "QoS",
  run,
});

const find = async (
  run: Check["run"],
  { timeoutMs = 5, signal = new AbortController().signal } = {},
): Promise<readonly Finding[]> => {
  await using probe = new Probe(readSubject({ broker: "localhost", timeoutMs }), signal);
  const findings: Finding[] = [];
  for await (const finding of diagnose([check(run)], probe, { signal })) findings.push(finding);
  return findings;
};

test("the ids of the checks are all different", () => {
  const ids = CHECKS.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

test("a check that does not end fails in time", async () => {
  const [finding] = await find(() => new Promise(() => {}));
  expect(finding).toMatchObject({ status: "failed", text: "no answer within 20 ms" });
});

test("what a check throws is its verdict", async () => {
  expect(await find(() => Promise.reject(new Error("it broke")))).toMatchObject([
    { id: "limits.qos", status: "failed", text: "it broke" },
  ]);
  expect(await find(() => Promise.reject(new NotTold("why", "do this")))).toMatchObject([
    { status: "unknown", text: "why", advice: "do this" },
  ]);
});

test("an end from outside ends the check, and all", async () => {
  const controller = new AbortController();
  const reason = new Error("Ctrl-C");
  const finding = find(
    () => {
      controller.abort(reason);
      return new Promise(() => {});
    },
    { timeoutMs: 60_000, signal: controller.signal },
  );
  await expect(finding).rejects.toBe(reason);
});

test("what one check has found out, none asks for again", async () => {
  await using probe = new Probe(readSubject({ broker: "localhost" }), new AbortController().signal);
  let asked = 0;
  const find7 = (): Promise<number> => Promise.resolve((asked += 1));
  expect([await probe.once("a", find7), await probe.once("a", find7)]).toEqual([1, 1]);
  const error = new Error("no");
  const refuse = (): Promise<number> => Promise.reject(error);
  await expect(probe.once("b", refuse)).rejects.toBe(error);
  await expect(probe.once("b", find7)).rejects.toBe(error);
});

test("deadlines fire after their time, and at once where all has ended", async () => {
  const controller = new AbortController();
  const deadlines = new Deadlines(controller.signal);
  const short = deadlines.after(1);
  await expect.poll(() => short.aborted).toBe(true);
  expect(short.reason).toBeInstanceOf(TooLate);
  const long = deadlines.after(3_600_000);
  const reason = new Error("Ctrl-C");
  controller.abort(reason);
  expect(long.reason).toBe(reason);
  expect(deadlines.after(3_600_000).reason).toBe(reason);
});

const same = (text: string): string => text;
const style = { bold: same, dim: same, good: same, bad: same, warning: same, name: same };

test("a report has lines of the width of the terminal, and tells the same once", () => {
  const lines: string[] = [];
  const report = new DiagnosisReport({ style, columns: 60 }, (line) => lines.push(line));
  const findings: Finding[] = [
    { id: "a.a", group: "Address", title: "name", ...ok("localhost is 127.0.0.1") },
    {
      id: "a.b",
      group: "Address",
      title: "port",
      ...failed("nothing listens on port 1883", "start the broker, or check the port and on which"),
    },
    { id: "t.a", group: "TLS", title: "handshake", ...unknown("no connection") },
    { id: "t.b", group: "TLS", title: "chain", ...unknown("no connection") },
    { id: "t.c", group: "TLS", title: "expiry", ...unknown("no connection") },
    { id: "t.d", group: "TLS", title: "name", ...unknown("something else") },
    { id: "l.a", group: "Limits", title: "QoS", ...unknown("something else") },
  ];
  for (const finding of findings) report.add(finding);
  report.flush();
  expect(lines.join("\n")).toMatchInlineSnapshot(`
    "Address
      ✔ name               localhost is 127.0.0.1
      ✘ port               nothing listens on port 1883
        → start the broker, or check the port and on which
    TLS
      – handshake, chain, expiry
        no connection
      – name               something else
    Limits
      – QoS                something else"
  `);
});

test("what a broker or a device calls itself does not reach the terminal as a command", () => {
  const lines: string[] = [];
  const report = new DiagnosisReport({ style, columns: 80 }, (line) => lines.push(line));
  const verdict = failed("it answers on \u001B[2Ja", "see \u001B[2J");
  report.add({ id: "d.a", group: "Device", title: "answers", ...verdict });
  expect(lines.join("\n")).not.toContain("\u001B");
  expect(lines[1]).toBe("  ✘ answers            it answers on \\u001b[2Ja");
});

test("words longer than a line stay whole", () => {
  expect(wrap("a gf_int_v1/+/response/+/+ b", 10)).toEqual(["a", "gf_int_v1/+/response/+/+", "b"]);
});
