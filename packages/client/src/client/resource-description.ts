import * as v from "valibot";

import { Method } from "../protocol/method.ts";

/** Where devices tell what they serve (RFC 6690 §4). */
export const DISCOVERY_PATH = ".well-known/core";

/** One resource of a device, as it tells of it. */
export interface ResourceDescription {
  /** Its path; `captures/:id` stands for many. */
  readonly href: string;
  /** The methods that it takes. */
  readonly methods: readonly Method[];
  /** What it is (RFC 6690 §3). */
  readonly title?: string | undefined;
  /** The unit of its values. */
  readonly unit?: string | undefined;
  /** Whether it can be observed. */
  readonly observable: boolean;
  /** The body of a request, as JSON Schema, where the device can tell. */
  readonly body?: Readonly<Record<string, unknown>> | undefined;
  /** The body of a response, as JSON Schema, where the device can tell. */
  readonly response?: Readonly<Record<string, unknown>> | undefined;
}

const jsonSchema = v.optional(v.record(v.string(), v.unknown()));

/** What a device answers to discovery. Further fields are let through. */
export const resourceDescriptionsSchema: v.GenericSchema<unknown, readonly ResourceDescription[]> =
  v.array(
    v.looseObject({
      href: v.string(),
      methods: v.array(v.picklist(Object.values(Method))),
      title: v.optional(v.string()),
      unit: v.optional(v.string()),
      observable: v.optional(v.boolean(), false),
      body: jsonSchema,
      response: jsonSchema,
    }),
  );
