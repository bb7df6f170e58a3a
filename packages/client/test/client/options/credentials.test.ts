import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import type { ClientSettings } from "../../../src/client/options/settings.ts";
import { readSettings } from "../../../src/client/options/settings.ts";

const CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

/** The settings of these options, given as a caller without types may give them. */
const settingsOf = (options: Readonly<Record<string, unknown>>): ClientSettings =>
  Reflect.apply(readSettings, undefined, [{ broker: "host", ...options }]);

const refusalOf = (options: Readonly<Record<string, unknown>>): unknown => {
  try {
    settingsOf(options);
  } catch (error) {
    return error;
  }
  throw new Error("the options were not refused");
};

describe("a certificate or key", () => {
  test.each([
    ["ca", "/etc/ssl/ca.pem", /the path of a file; give what is in it: readFileSync\(path\)/],
    ["ca", "C:\\certificates\\ca.crt", /the path of a file/],
    ["ca", [CERTIFICATE, "ca.pem"], /the path of a file/],
    ["ca", [], /without any, none is trusted/],
    ["ca", "hunter2", /no -----BEGIN line/],
    ["ca", new Uint8Array([0x30, 0x82]), /no -----BEGIN line/],
    ["key", "hunter2", /a private key in PEM.*no -----BEGIN line/],
    ["cert", { pem: "hunter2" }, /a certificate in PEM.*got an object/],
  ])("as tls.%s is refused where it is none: %j", (option, value, text) => {
    const pair = { cert: CERTIFICATE, key: CERTIFICATE };
    const error = refusalOf({ tls: { ...pair, [option]: value } });
    expect(error).toMatchObject({ option: `tls.${option}`, message: expect.stringMatching(text) });
    expect(inspect(error)).not.toContain("hunter2");
  });

  test.each([
    ["cert", "tls.key"],
    ["key", "tls.cert"],
  ])("given as tls.%s alone is refused: %s is missing", (given, missing) => {
    expect(refusalOf({ tls: { [given]: CERTIFICATE } })).toMatchObject({ option: missing });
  });

  test("may be bytes, or a list of both", () => {
    const bytes = new TextEncoder().encode(CERTIFICATE);
    const tls = { ca: [bytes, CERTIFICATE], cert: bytes, key: CERTIFICATE };
    expect(settingsOf({ tls }).tls).toBe(tls);
  });
});

describe("a username that is no text", () => {
  test.each([5, { password: "hunter2" }, () => "hunter2", ["hunter2"]])(
    "is refused without being shown, whatever it holds: %o",
    (username) => {
      const error = refusalOf({ username });
      expect(error).toMatchObject({ option: "username", value: "(not shown)" });
      expect(inspect(error)).not.toContain("hunter2");
    },
  );
});
