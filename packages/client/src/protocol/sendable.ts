import { PayloadValidationError } from "../errors/input-errors.ts";
import { isJsonObject } from "../json/object.ts";
import { isResponseCode } from "../errors/response-code.ts";
import { kindText, valueText } from "../errors/value-text.ts";

/** What may be published: a JSON object, and if it has a header, that is an object too. */
export type SendablePayload = object & { readonly header?: object | undefined };

/** The fields of what has to be an object, read once; one with `toJSON` could turn into anything when sent. */
const fieldsOf = (value: unknown, path: string): Readonly<Record<string, unknown>> => {
  if (!isJsonObject(value)) throw refuse(path, `expected an object, got ${kindText(value)}`);
  if (typeof value["toJSON"] === "function") {
    throw refuse(path, "expected a plain object, got one with toJSON()");
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  // Of a Map and the like, a copy would be empty; the encoder tells what is wrong with them.
  return prototype === Object.prototype || prototype === null ? { ...value } : value;
};

const refuse = (path: string, message: string): PayloadValidationError =>
  new PayloadValidationError("payload", [{ path, message }]);

/**
 * Keeps back what ends the message loop of a peer running the reference library, for good: a
 * payload that is no object, a header that is none, a response code outside the 21. To be called
 * for everything that is published, whoever made it.
 *
 * @returns what is to be published: a copy of payload and header, so that a getter that changes its mind
 *   cannot send something else than was checked.
 * @throws {PayloadValidationError} the payload is one of these.
 */
export const readSendable = (payload: unknown): SendablePayload => {
  const fields = fieldsOf(payload, "");
  // A field that is `undefined` is not sent.
  if (fields["header"] === undefined) return fields;
  const header = fieldsOf(fields["header"], "header");
  const { response_code: code } = header;
  if (code === undefined || isResponseCode(code)) return { ...fields, header };
  throw refuse(
    "header.response_code",
    `expected one of the 21 response codes, as a number, got ${valueText(code)}`,
  );
};
