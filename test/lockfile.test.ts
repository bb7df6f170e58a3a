import { expect, test } from "vitest";
import { entryFor, missingFromLock } from "../tools/lockfile.js";

const tool = { optionalDependencies: { "@tool/linux-x64": "1.2.3" } };
const missing = { name: "@tool/linux-x64", version: "1.2.3" };

test("an optional dependency that the lock does not hold is missing", () => {
  expect(missingFromLock({ "node_modules/tool": { ...tool, dev: true } })).toEqual([
    { ...missing, dependent: "node_modules/tool", dev: true },
  ]);
});

test("one that a workspace's package asks for is missing, too", () => {
  expect(missingFromLock({ "packages/client": tool })).toEqual([
    { ...missing, dependent: "packages/client", dev: false },
  ]);
});

test.each([
  ["beside its dependent", "node_modules/@tool/linux-x64"],
  ["below its dependent", "node_modules/a/node_modules/tool/node_modules/@tool/linux-x64"],
  ["beside what holds its dependent", "node_modules/a/node_modules/@tool/linux-x64"],
])("one that is locked %s is not missing", (_where, path) => {
  const dependent = "node_modules/a/node_modules/tool";
  expect(missingFromLock({ [dependent]: tool, [path]: { version: "1.2.3" } })).toEqual([]);
});

test("one that is locked where its dependent does not look is missing", () => {
  const elsewhere = "node_modules/b/node_modules/@tool/linux-x64";
  expect(missingFromLock({ "node_modules/tool": tool, [elsewhere]: {} })).toHaveLength(1);
});

test.each([
  ["@oxlint/binding-linux-x64-musl", { os: ["linux"], cpu: ["x64"], libc: ["musl"] }],
  ["@oxlint/binding-linux-arm64-gnu", { os: ["linux"], cpu: ["arm64"], libc: ["glibc"] }],
  ["@oxlint/binding-linux-arm-gnueabihf", { os: ["linux"], cpu: ["arm"] }],
  ["@oxlint/binding-win32-ia32-msvc", { os: ["win32"], cpu: ["ia32"] }],
  ["@tool/darwin-arm64", { os: ["darwin"], cpu: ["arm64"] }],
  ["tool-freebsd-x64", { os: ["freebsd"], cpu: ["x64"] }],
])("the name %s tells its platform", (name, platform) => {
  const entry = entryFor({ name, version: "1.2.3", dependent: "node_modules/tool", dev: false });
  expect(entry).toEqual({ version: "1.2.3", optional: true, ...platform });
});

test("what only development needs stays out of production installs", () => {
  const entry = entryFor({ ...missing, dependent: "node_modules/tool", dev: true });
  expect(entry).toMatchObject({ dev: true });
});

test.each([
  ["a name without a platform", { ...missing, name: "fsevents" }],
  ["a range of versions", { ...missing, version: "^1.2.3" }],
])("%s is an error that names the package", (_what, { name, version }) => {
  const attempt = (): unknown =>
    entryFor({ name, version, dependent: "node_modules/tool", dev: true });
  expect(attempt).toThrow(`${name}@${version}, for node_modules/tool`);
});
