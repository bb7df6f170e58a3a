import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";

import type { ResourceDescription } from "../client/resource-description.ts";
import type { Method } from "../protocol/method.ts";
import { isJsonObject } from "../json/object.ts";
import type { Route } from "./route.ts";
import type { RoutedResource } from "./route-table.ts";

type Direction = "input" | "output";

const hasJsonSchema = (
  schema: StandardSchemaV1,
): schema is StandardSchemaV1 & StandardJSONSchemaV1 =>
  "jsonSchema" in schema["~standard"] && isJsonObject(schema["~standard"].jsonSchema);

/** A schema as JSON Schema, where it can tell. */
const jsonSchemaOf = (
  schema: StandardSchemaV1 | undefined,
  direction: Direction,
): Readonly<Record<string, unknown>> | undefined => {
  if (schema === undefined || !hasJsonSchema(schema)) return undefined;
  try {
    return schema["~standard"].jsonSchema[direction]({ target: "draft-2020-12" });
  } catch {
    // It has no form as JSON Schema.
    return undefined;
  }
};

const firstOf = <Value>(
  routes: ReadonlyMap<Method, { readonly route: Route }>,
  read: (route: Route) => Value | undefined,
): Value | undefined => {
  for (const { route } of routes.values()) {
    const value = read(route);
    if (value !== undefined) return value;
  }
  return undefined;
};

const describeResource = ({
  pattern,
  routes,
}: RoutedResource<{ readonly route: Route }>): ResourceDescription => {
  const title = firstOf(routes, (route) => route.title);
  const unit = firstOf(routes, (route) => route.unit);
  const body = firstOf(routes, (route) => jsonSchemaOf(route.body, "input"));
  const response = firstOf(routes, (route) => jsonSchemaOf(route.response, "output"));
  return {
    href: pattern.text,
    methods: [...routes.keys()],
    ...(title !== undefined && { title }),
    ...(unit !== undefined && { unit }),
    observable: false,
    ...(body !== undefined && { body }),
    ...(response !== undefined && { response }),
  };
};

/** Whether an attribute has a value; one that ends in `*` is how it begins (RFC 6690 §4.1). */
const hasValue = (attribute: unknown, wanted: string): boolean => {
  if (Array.isArray(attribute)) return attribute.some((item) => hasValue(item, wanted));
  if (typeof attribute !== "string" && typeof attribute !== "boolean") return false;
  const text = String(attribute);
  return wanted.endsWith("*") ? text.startsWith(wanted.slice(0, -1)) : text === wanted;
};

/**
 * What a device serves, filtered by the query: `?href=captures*`, `?methods=PUT`, `?unit=dB` (RFC 6690 §4.1).
 */
export const describeResources = (
  resources: Iterable<RoutedResource<{ readonly route: Route }>>,
  query: URLSearchParams,
): readonly ResourceDescription[] => {
  const all = Array.from(resources, describeResource);
  return all.filter((resource) =>
    [...query].every(([name, wanted]) =>
      hasValue((resource as unknown as Readonly<Record<string, unknown>>)[name], wanted),
    ),
  );
};
