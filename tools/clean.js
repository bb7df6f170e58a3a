// @ts-check
// Removes build output, so that a file whose source is gone is not published from an old build.
// usage: node tools/clean.js <folder>...
import { rmSync } from "node:fs";

for (const folder of process.argv.slice(2)) {
  rmSync(folder, { recursive: true, force: true });
}
