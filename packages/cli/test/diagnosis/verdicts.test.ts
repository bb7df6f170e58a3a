import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";

import { portVerdict, strangeVerdict } from "../../src/diagnosis/address-checks.ts";
import { presenceVerdict, subscribedVerdict } from "../../src/diagnosis/device-checks.ts";
import { codeOfAnswer } from "../../src/diagnosis/device-question.ts";
import { NotTold } from "../../src/diagnosis/finding.ts";
import { refusalVerdict } from "../../src/diagnosis/login-checks.ts";
import { LinkEnd } from "../../src/diagnosis/network/probe-link.ts";
import { readFirstWords } from "../../src/diagnosis/network/first-words.ts";
import { nagleVerdict } from "../../src/diagnosis/round-trip-checks.ts";
import { readSubject, schemeOf } from "../../src/diagnosis/subject.ts";
import {
  chainVerdict,
  expiryVerdict,
  handshakeVerdict,
  nameVerdict,
} from "../../src/diagnosis/tls-checks.ts";

const DAY_MS = 86_400_000;
const now = new Date("2026-11-27T00:00:00Z");
const inDays = (days: number): Date => new Date(now.getTime() + days * DAY_MS);

describe("certificates", () => {
  test.each([
    [365, "ok", "the certificate is good until 2027-11-27"],
    [30, "ok", "the certificate is good until 2026-12-27"],
    [29, "failed", "the certificate expires in 29 days, on 2026-12-26"],
    [0, "failed", "the certificate expired on 2026-11-27"],
    [-1, "failed", "the certificate expired on 2026-11-26"],
  ])("one that ends in %d days is %s", (days, status, text) => {
    expect(expiryVerdict(inDays(days), now)).toMatchObject({ status, text });
  });

  test("one whose end cannot be read is not told", () => {
    expect(() => expiryVerdict(undefined, now)).toThrow(NotTold);
  });

  test("an authority that does not vouch is told by whether one was given", () => {
    const handshake = { distrust: "SELF_SIGNED_CERT_IN_CHAIN", issuer: "lab" };
    expect(chainVerdict(handshake, false).text).toContain("no authority known here");
    expect(chainVerdict(handshake, true).text).toContain("no authority of --ca");
    expect(chainVerdict({ distrust: undefined, issuer: "lab" }, false).status).toBe("ok");
  });

  test("a wrong name is told by whether it was an address", () => {
    const names = { isNamed: false, names: "DNS:broker.test" };
    expect(nameVerdict({ ...names, name: "10.0.0.1" }).advice).toContain("instead of the address");
    expect(nameVerdict({ ...names, name: "localhost" }).advice).toContain("dial a name that is");
  });

  test.each([
    ["wrong version number", false, "speaks no TLS"],
    ["sslv3 alert handshake failure", false, "refused the handshake"],
    ["read ECONNRESET", true, "refused the handshake"],
    ["PEM routines:no start line", false, "no TLS handshake"],
  ])("a handshake that failed with %s is told", (text, hasCertificate, told) => {
    const verdict = handshakeVerdict(text, hasCertificate);
    expect(verdict.text).toContain(told);
    expect(verdict.status).toBe("failed");
  });
});

describe("the login", () => {
  const lab = readSubject({ broker: "mqtt://lab:hu%2Fsh@localhost" });

  test("credentials in the URL are used", () => {
    expect(lab).toMatchObject({
      username: "lab",
      password: "hu/sh",
      broker: "mqtt://localhost:1883",
    });
  });

  test.each([
    [0x86, "as lab: bad user name or password (134)", "check --username and --password"],
    [0x85, "does not take this client id (133)", "--identifier"],
    [0x89, "it is busy (137)", "try again later"],
    [0x99, "the broker refuses the login", "see its log"],
  ])("a refusal with %d is told", (code, told, advice) => {
    const verdict = refusalVerdict(new LinkEnd("refused", code), lab);
    expect(verdict.text).toContain(told);
    expect(verdict.advice).toContain(advice);
    expect(verdict.data).toEqual({ reasonCode: code });
  });

  test("who gave no credentials is told to give some", () => {
    const verdict = refusalVerdict(new LinkEnd("refused", 4), readSubject({ broker: "localhost" }));
    expect(verdict.text).toContain("without a user name: bad user name or password (4)");
    expect(verdict.advice).toBe("give --username and --password");
  });

  test("a client certificate that is missing is told", () => {
    const error = new Error("tlsv13 alert certificate required");
    expect(refusalVerdict(error, lab).advice).toBe("give --cert and --key");
  });
});

describe("round trips", () => {
  test.each([
    [{ qos0: 0.3, qos1: 44, qos2: 88 }, "failed"],
    [{ qos0: 0.3, qos1: 0.4, qos2: 44 }, "failed"],
    [{ qos0: 0.3, qos1: 44, qos2: undefined }, "failed"],
    [{ qos0: 0.3, qos1: 0.4, qos2: 0.9 }, "ok"],
    // A broker at the other end of the world: QoS 2 takes two round trips.
    [{ qos0: 180, qos1: 182, qos2: 364 }, "ok"],
  ])("medians of %j are %s", (medians, status) => {
    expect(nagleVerdict(medians).status).toBe(status);
  });
});

test("the cure of a stall is another one over a WebSocket", () => {
  const medians = { qos0: 1, qos1: 100, qos2: 100 };
  expect(nagleVerdict(medians).advice).toContain("set_tcp_nodelay true");
  expect(nagleVerdict(medians, true).advice).toContain("without WebSocket");
});

describe("what answers", () => {
  test.each([
    [[0x20, 2, 0, 0], "mqtt"],
    [[0x15, 3, 1, 0, 2], "tls"],
    [[...Buffer.from("HTTP/1.1 101 Switching Protocols\r\n\r\n")], "websocket"],
    [[...Buffer.from("HTTP/1.1 1010 Odd\r\n")], "http"],
    [[...Buffer.from("HTTP/1.1 404 Not Found\r\n")], "http"],
    [[...Buffer.from("220 mail.example.com ESMTP")], "other"],
    [[], "closed"],
  ])("the bytes %j are %s", (bytes, kind) => {
    expect(readFirstWords(Uint8Array.from(bytes)).kind).toBe(kind);
  });

  property.prop([fc.uint8Array()])("no bytes put control characters on the screen", (bytes) => {
    const words = readFirstWords(bytes);
    expect(strangeVerdict(words).text).toMatch(/^[\x20-\x7e]*$/);
  });

  test("why a port cannot be reached is told", () => {
    expect(portVerdict(1_883, "ECONNREFUSED").text).toBe("nothing listens on port 1883");
    expect(portVerdict(1_883, "EHOSTUNREACH").text).toContain("(EHOSTUNREACH)");
  });

  test.each([
    ["mqtt", false, false],
    ["mqtts", true, false],
    ["ws", false, true],
    ["wss", true, true],
  ])("%s is the scheme of its kind", (scheme, isSecure, isWebSocket) => {
    expect(schemeOf({ isSecure, isWebSocket })).toBe(scheme);
    const subject = readSubject({ broker: `${scheme}://[::1]:7` });
    expect(subject).toMatchObject({ isSecure, isWebSocket, host: "::1", port: 7 });
  });

  test("a URL keeps its query for the dial, and does not show it", () => {
    const subject = readSubject({ broker: "wss://example.com/mqtt?token=hush" });
    expect(subject).toMatchObject({
      broker: "wss://example.com:443/mqtt",
      url: "wss://example.com:443/mqtt?token=hush",
      path: "/mqtt?token=hush",
    });
  });
});

describe("a device", () => {
  test.each([
    [0x10, 0x10, "failed"],
    [0x10, 0, "ok"],
    [0, 0, "unknown"],
    [undefined, undefined, "unknown"],
    [0x10, 0x87, "failed"],
  ])("codes %s for nobody and %s for it are %s", (forNobody, published, status) => {
    expect(subscribedVerdict("pump-1", { forNobody, published }).status).toBe(status);
  });

  test("what it says of itself is told", () => {
    expect(presenceVerdict("pump-1", "ONLINE").status).toBe("ok");
    expect(presenceVerdict("pump-1", "OFFLINE").status).toBe("failed");
    expect(presenceVerdict("pump-1", undefined).status).toBe("unknown");
  });

  test.each([
    ["no JSON", undefined],
    ["null", undefined],
    ["[]", undefined],
    ['{"header":null}', undefined],
    ['{"header":{"request_id":"b","response_code":205}}', undefined],
    ['{"header":{"request_id":"a","method":"GET"}}', undefined],
    ['{"header":{"request_id":"a","response_code":"x"}}', undefined],
    ['{"header":{"request_id":"a","response_code":205}}', 205],
  ])("the code of the answer %s is %s", (payload, code) => {
    expect(codeOfAnswer(payload, "a")).toBe(code);
  });
});
