import { readFileSync } from "node:fs";
import * as v from "valibot";

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8"));

const validation = v.object({
  cases: v.array(
    v.object({
      name: v.string(),
      payload: v.unknown(),
      expected: v.picklist(["general", "request", "response", "reject"]),
    }),
  ),
});

const wire = v.object({
  messages: v.array(v.object({ scenario: v.string(), topic: v.string(), payload: v.string() })),
});

/** Payloads with the verdict that the protocol asks for. */
export const validationCases = v.parse(validation, read("validation")).cases;

/** Messages that the reference client and device put on the wire. */
export const wireMessages = v.parse(wire, read("wire")).messages;
