import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const run = promisify(execFile);
const program = fileURLToPath(new URL("../tools/attack.js", import.meta.url));
/** A busy machine takes several times the few seconds that they need. */
const LONGEST_MS = 60_000;

describe("the attacks, made quickly", () => {
  const names = ["messages", "packets", "acknowledgements", "withdrawn", "long-ids"];
  test.concurrent.for(names)(
    "%s leave both clients alive and none deaf",
    { timeout: LONGEST_MS },
    async (name) => {
      const { stdout } = await run(process.execPath, [program, name, "--quick", "--seed", "7"]);
      expect(stdout).toContain(`${name}: `);
    },
  );
  test("one that nobody knows ends with code 2 and the usage", async () => {
    const expected = { code: 2, stderr: expect.stringContaining("usage: npm run attack") };
    await expect(run(process.execPath, [program, "everything"])).rejects.toMatchObject(expected);
  });
});
