import * as v from "valibot";
import { parseMethod } from "./method.ts";
import { isJsonObject } from "../json/object.ts";
import { payloadKind } from "./payload-kind.ts";
import type { GeneralPayload, Payload, RequestPayload } from "./payload.ts";
import type { ResponsePayload } from "../errors/response-payload.ts";
import { isResponseCode } from "../errors/response-code.ts";
import { kindText, valueText } from "../errors/value-text.ts";

const ID = /^(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32})$/i;
const DIGITS = /^-?0*(\d{1,19})$/;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

const isInt64 = (value: unknown): boolean => {
  if (typeof value === "number") {
    return Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63;
  }
  if (typeof value !== "string" || !DIGITS.test(value)) return false;
  const timestamp = BigInt(value);
  return timestamp >= INT64_MIN && timestamp <= INT64_MAX;
};

const isId = (value: unknown): boolean => typeof value === "string" && ID.test(value);

const expected =
  (what: string) =>
  ({ input }: { readonly input: unknown }): string =>
    `expected ${what}, got ${valueText(input)}`;

const fieldFault = (issue: { readonly expected: string | null; readonly input: unknown }): string =>
  issue.expected === "Object" ? `expected an object, got ${kindText(issue.input)}` : "is missing";

const timestampRule = v.custom(
  isInt64,
  expected("epoch milliseconds, as an integer or its digits within int64"),
);
const idRule = v.custom(isId, expected("a UUID or 32 hexadecimal digits"));
const textRule = v.string(expected("a string"));
const optionalTextRule = v.nullish(v.string(expected("a string or null")));
// A token is a secret even where it has the wrong type.
const tokenRule = v.nullish(
  v.string(({ input }) => `expected a string or null, got ${kindText(input)}`),
);
const objectRule = v.custom<object>(
  isJsonObject,
  ({ input }) => `expected an object, got ${kindText(input)}`,
);
const absentRule = (why: string): v.GenericSchema => v.custom((value) => value === undefined, why);

const headerFields = {
  request_id: idRule,
  path: textRule,
  correlation_id: v.nullish(idRule),
  source: optionalTextRule,
  token: tokenRule,
};

const withHeader = (header: v.ObjectEntries): v.GenericSchema =>
  v.pipe(
    objectRule,
    v.object(
      { timestamp: timestampRule, header: v.pipe(objectRule, v.object(header, fieldFault)) },
      fieldFault,
    ),
  );

const requestRules = withHeader({
  ...headerFields,
  method: v.custom(
    (value) => parseMethod(value) !== undefined,
    expected("GET, POST, PUT, DELETE or 1 to 4"),
  ),
});
const responseRules = withHeader({
  ...headerFields,
  response_code: v.custom(isResponseCode, expected("one of the 21 response codes, as a number")),
  method: v.optional(absentRule("a response has no method; a header with one makes a request")),
});
const generalRules = v.pipe(
  objectRule,
  v.object(
    {
      timestamp: timestampRule,
      header: v.optional(
        v.pipe(
          objectRule,
          v.object({
            method: v.optional(absentRule("a general payload has no method")),
            response_code: v.optional(absentRule("a general payload has no response code")),
          }),
        ),
      ),
    },
    fieldFault,
  ),
);

/**
 * A schema that gives back the caller's own object, further fields, their order and `__proto__`
 * keys included: valibot's copy would lose these, so only its verdict is taken.
 */
const judgedBy = <Kind extends Payload>(
  rules: v.GenericSchema,
  finish: (payload: Kind) => Kind = (payload) => payload,
): v.GenericSchema<unknown, Kind> =>
  v.pipe(
    v.unknown(),
    v.rawTransform<unknown, Kind>(({ dataset, addIssue, NEVER }) => {
      const verdict = v.safeParse(rules, dataset.value);
      if (verdict.success) return finish(dataset.value as Kind);
      for (const { message, path, input, expected: wanted } of verdict.issues) {
        addIssue({ message, input, ...(wanted && { expected: wanted }), ...(path && { path }) });
      }
      return NEVER;
    }),
  );

const withMethodName = (payload: RequestPayload): RequestPayload => {
  const method = parseMethod(payload.header.method);
  return method === undefined || method === payload.header.method
    ? payload
    : { ...payload, header: { ...payload.header, method } };
};

/** The rules of a general payload. Its output is the input itself. */
export const generalPayloadSchema: v.GenericSchema<unknown, GeneralPayload> =
  judgedBy<GeneralPayload>(generalRules);

/**
 * The rules of a request. Its output is the input itself; a method given otherwise than by its
 * name gets it, in a shallow copy.
 */
export const requestPayloadSchema: v.GenericSchema<unknown, RequestPayload> =
  judgedBy<RequestPayload>(requestRules, withMethodName);

/** The rules of a response. Its output is the input itself. */
export const responsePayloadSchema: v.GenericSchema<unknown, ResponsePayload> =
  judgedBy<ResponsePayload>(responseRules);

/** The rules of whichever payload the input sets out to be, see {@link payloadKind}. */
export const payloadSchema: v.GenericSchema<unknown, Payload> = v.lazy((input) => {
  switch (payloadKind(input)) {
    case "request":
      return requestPayloadSchema;
    case "response":
      return responsePayloadSchema;
    default:
      return generalPayloadSchema;
  }
});
