// @ts-check
// Completes package-lock.json after `npm install`, where the registry in use lacks packages for other
// platforms. The entries have no checksum: nobody here has seen those packages.
// usage: node tools/complete-lock.js
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { entryFor, missingFromLock } from "./lockfile.js";

const path = fileURLToPath(new URL("../package-lock.json", import.meta.url));
/** @type {{ packages: import("./lockfile.js").LockedPackages }} */
const lock = JSON.parse(readFileSync(path, "utf8"));
const missing = missingFromLock(lock.packages);
for (const entry of missing) lock.packages[`node_modules/${entry.name}`] = entryFor(entry);
// npm's own order, so that the next `npm install` changes nothing else.
const sorted = Object.entries(lock.packages).toSorted(([one], [other]) =>
  one.localeCompare(other, "en"),
);
lock.packages = Object.fromEntries(sorted);
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`package-lock.json: ${missing.length} packages added`);
