import { expect, test } from "vitest";

import { readPathPattern } from "../../src/device/path-pattern.ts";
import { RouteTable } from "../../src/device/route-table.ts";

const tableOf = (...paths: readonly string[]): RouteTable<string> => {
  const table = new RouteTable<string>();
  for (const path of paths) table.add("GET", readPathPattern(path), path);
  return table;
};
const routeFor = (table: RouteTable<string>, path: string): string | undefined => {
  const found = table.find("GET", path);
  return found !== undefined && "route" in found ? found.route : undefined;
};

test("a route that is added later counts for a path that was asked for before", () => {
  const table = tableOf(":any/:id");
  expect(routeFor(table, "captures/7")).toBe(":any/:id");
  expect(routeFor(table, "captures")).toBeUndefined();
  for (const path of ["captures/:id", "captures"]) {
    table.add("GET", readPathPattern(path), path);
  }
  expect(routeFor(table, "captures/7")).toBe("captures/:id");
  expect(routeFor(table, "captures")).toBe("captures");
});

test("another method of the same path counts, too", () => {
  const table = tableOf("captures/:id");
  expect(table.find("PUT", "captures/7")).toEqual({ allowed: ["GET"] });
  table.add("PUT", readPathPattern("captures/:id"), "put");
  expect(table.find("PUT", "captures/7")).toMatchObject({ route: "put" });
});

test("thousands of paths are told apart", () => {
  const table = tableOf("captures/:id", "**");
  for (let round = 0; round < 2; round += 1) {
    for (let id = 0; id < 2_000; id += 1) {
      expect(table.find("GET", `captures/${String(id)}`)).toMatchObject({
        route: "captures/:id",
        params: { id: String(id) },
      });
    }
  }
});
