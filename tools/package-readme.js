// @ts-check
// Gives the client's package its README, which npm takes from the package's own folder; run by npm
// before it packs.
// usage: node tools/package-readme.js
import { readFileSync, writeFileSync } from "node:fs";
import { toPackageReadme } from "./readme.js";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
writeFileSync(new URL("../packages/client/README.md", import.meta.url), toPackageReadme(readme));
