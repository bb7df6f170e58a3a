// @ts-check
// Packs the packages, installs them in an empty project without network and uses them there:
// as an ES module, from CommonJS, and from strict TypeScript with and without Node's types. The documents in them
// must lead nowhere else.
// usage: node tools/pack-smoke.js [path of a runtime], by default the Node that runs it
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { localLinksOf } from "./package-links.js";
import {
  createPackedProject,
  linkFromRoot,
  root,
  runIn,
  withBrokerApart,
} from "./packed-project.js";
import { report } from "./report.js";

/** @typedef {import("./report.js").Result} Result */

const TSC = join(root, "node_modules/typescript/bin/tsc");
const RESOLUTIONS = [
  { module: "nodenext", moduleResolution: "nodenext" },
  { module: "preserve", moduleResolution: "bundler" },
];
const STRICTNESS = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  skipLibCheck: false,
};
/** Neither `lib` nor a newer target: a user's project has the defaults. */
const TARGET = { target: "es2022", noEmit: true };

/** In browsers and elsewhere there are no types of Node, and the client must do without them. */
const WITHOUT_NODE = { name: "without Node's", types: [], files: ["consumer.ts"] };
const WITH_NODE = { name: "with Node's", types: ["node"], files: ["node-consumer.ts"] };

/**
 * Type-checks what uses the packages, once for each way to resolve modules.
 * @param {string} folder @param {typeof WITHOUT_NODE | typeof WITH_NODE} variant
 * @returns {readonly Result[]}
 */
const typeCheck = (folder, { name, types, files }) =>
  RESOLUTIONS.map((resolution) => {
    const compilerOptions = { ...resolution, ...TARGET, ...STRICTNESS, types };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
    const run = runIn(folder, [process.execPath, TSC, "-p", ".", "--listFiles"]);
    const lines = run.output.split("\n");
    const messages = lines.filter((line) => !/^\S.*\.[cm]?ts$/.test(line));
    const hasNodeTypes = lines.some((line) => line.includes("/@types/node/"));
    if (hasNodeTypes && types.length === 0) {
      messages.push("a declaration file asks for Node's types");
    }
    return {
      name: `types ${name}, ${resolution.moduleResolution}`,
      ok: run.ok && messages.length === 0,
      output: messages.join("\n"),
    };
  });

/** Whether every link of the documents in a package leads to a file of it. @param {string} folder @returns {Result} */
const followLinks = (folder) => {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const documents = paths.filter((path) => path.endsWith(".md") && !path.includes("node_modules"));
  const dead = documents.flatMap((path) =>
    localLinksOf(readFileSync(join(folder, path), "utf8"))
      .filter((link) => !existsSync(join(folder, dirname(path), link)))
      .map((link) => `${path} links to ${link}, which is not packed`),
  );
  if (!documents.includes(join("docs", "client.md"))) dead.push("the guide is not packed");
  if (!documents.includes(join("docs", "reference", "index.md"))) {
    dead.push("the reference is not packed");
  }
  return { name: "links of the documents", ok: dead.length === 0, output: dead.join("\n") };
};

/** @param {string} folder @param {string} runtime @returns {Promise<readonly Result[]>} */
const useEverywhere = async (folder, runtime) => {
  const results = [
    { name: "import", ...runIn(folder, [runtime, "smoke.js"]) },
    followLinks(join(folder, "node_modules/gf-mqtt-client")),
    { name: "require", ...runIn(folder, [runtime, "require.cjs"]) },
    {
      name: "blocking client",
      ...(await withBrokerApart(folder, (urls) => runIn(folder, [runtime, "sync.js", ...urls]))),
    },
    ...typeCheck(folder, WITHOUT_NODE),
  ];
  linkFromRoot(folder, "@types/node");
  return [...results, ...typeCheck(folder, WITH_NODE)];
};

const project = createPackedProject();
try {
  report(await useEverywhere(project.folder, process.argv[2] ?? process.execPath));
} finally {
  project.remove();
}
