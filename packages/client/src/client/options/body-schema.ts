import type { StandardSchemaV1 } from "@standard-schema/spec";

import { OptionError, PayloadValidationError } from "../../errors/input-errors.ts";

const keyText = (segment: PropertyKey | StandardSchemaV1.PathSegment): string => {
  const key = typeof segment === "object" ? segment.key : segment;
  return typeof key === "number" ? `[${String(key)}]` : `.${String(key)}`;
};

type Verdict<Schema extends StandardSchemaV1> = StandardSchemaV1.Result<
  StandardSchemaV1.InferOutput<Schema>
>;

/** @throws {PayloadValidationError} with the schema's issues, each with its path from `body` on. */
export const acceptVerdict = <Schema extends StandardSchemaV1>(
  verdict: Verdict<Schema>,
  subject: string,
): StandardSchemaV1.InferOutput<Schema> => {
  if (verdict.issues === undefined) return verdict.value;
  throw new PayloadValidationError(
    subject,
    verdict.issues.map(({ message, path = [] }) => ({
      path: `body${path.map(keyText).join("")}`,
      message,
    })),
  );
};

/**
 * Runs a user's schema over a body.
 *
 * @throws {PayloadValidationError} with the schema's issues, each with its path from `body` on.
 */
export const checkBody = async <Schema extends StandardSchemaV1>(
  schema: Schema,
  body: unknown,
  subject: string,
): Promise<StandardSchemaV1.InferOutput<Schema>> =>
  acceptVerdict<Schema>(await schema["~standard"].validate(body), subject);

/**
 * The same at once.
 *
 * @throws {OptionError} the schema gives a promise.
 */
export const checkBodySync = <Schema extends StandardSchemaV1>(
  schema: Schema,
  body: unknown,
  subject: string,
): StandardSchemaV1.InferOutput<Schema> => {
  const verdict = schema["~standard"].validate(body);
  if (!("then" in verdict)) return acceptVerdict<Schema>(verdict, subject);
  // What becomes of it is nobody's business any more.
  verdict.then(undefined, () => undefined);
  const expected =
    "one that gives its verdict at once: a blocking client cannot wait for a promise";
  throw new OptionError("schema", "(asynchronous)", expected);
};

/** Checks that a schema is one, where there is one. */
export const readSchema = (schema: unknown, option = "schema"): StandardSchemaV1 | undefined => {
  if (schema === undefined) return undefined;
  const isSchema =
    (typeof schema === "object" || typeof schema === "function") &&
    schema !== null &&
    "~standard" in schema;
  if (!isSchema) throw new OptionError(option, schema, "a Standard Schema");
  // The mark of a Standard Schema; its version 1 is the only one there is.
  return schema as StandardSchemaV1;
};
