import { webcrypto } from "node:crypto";
import { describe, expect, test, vi } from "vitest";
import { randomId } from "../../src/runtime/platform.ts";

const UUID_4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Web Crypto as a page of an insecure origin sees it, giving out the bytes that `fill` writes. */
const insecureCrypto = (fill: (bytes: Uint8Array<ArrayBuffer>) => unknown) => ({
  getRandomValues: (bytes: Uint8Array<ArrayBuffer>) => {
    fill(bytes);
    return bytes;
  },
});

describe("randomId", () => {
  test("is a random UUID in lower case", () => {
    expect(randomId()).toMatch(UUID_4);
  });

  test("differs from call to call", () => {
    expect(new Set(Array.from({ length: 1_000 }, randomId)).size).toBe(1_000);
  });

  test("comes from crypto.randomUUID where there is one, called on its own object", () => {
    const crypto = {
      id: "from crypto",
      randomUUID(): string {
        return this.id;
      },
    };
    vi.stubGlobal("crypto", crypto);
    expect(randomId()).toBe("from crypto");
  });
});

describe("randomId without crypto.randomUUID, as on insecure origins", () => {
  test("is a random UUID in lower case all the same", () => {
    vi.stubGlobal(
      "crypto",
      insecureCrypto((bytes) => webcrypto.getRandomValues(bytes)),
    );
    const ids = Array.from({ length: 1_000 }, randomId);
    for (const id of ids) expect(id).toMatch(UUID_4);
    expect(new Set(ids).size).toBe(1_000);
  });

  test.each([
    [0x00, "00000000-0000-4000-8000-000000000000"],
    [0xff, "ffffffff-ffff-4fff-bfff-ffffffffffff"],
    [0x0a, "0a0a0a0a-0a0a-4a0a-8a0a-0a0a0a0a0a0a"],
  ])("keeps all bits but those of version and variant: bytes %i", (byte, id) => {
    vi.stubGlobal(
      "crypto",
      insecureCrypto((bytes) => bytes.fill(byte)),
    );
    expect(randomId()).toBe(id);
  });
});
