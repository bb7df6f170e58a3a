import { PayloadValidationError } from "../errors/input-errors.ts";
import { isJsonObject } from "../json/plain.ts";
import { isResponseCode } from "../errors/response-code.ts";
import { kindText, valueText } from "../errors/value-text.ts";

/** What may be published: a JSON object, and if it has a header, that is an object too. */
export type SendablePayload = object & { readonly header?: object | undefined };

/** The fields of what has to be an object; one with `toJSON` could turn into anything when sent. */
const fieldsOf = (value: unknown, path: string): Readonly<Record<string, unknown>> => {
  if (!isJsonObject(value)) throw refuse(path, `expected an object, got ${kindText(value)}`);
  if (typeof value["toJSON"] === "function") {
    throw refuse(path, "expected a plain object, got one with toJSON()");
  }
  return value;
};

const refuse = (path: string, message: string): PayloadValidationError =>
  new PayloadValidationError("payload", [{ path, message }]);

/**
 * Keeps back what ends the message loop of a peer running the reference library, for good: a
 * payload that is no object, a header that is none, a response code outside the 21. To be called
 * for everything that is published, whoever made it.
 *
 * @throws {PayloadValidationError} the payload is one of these.
 */
export function assertSendable(payload: unknown): asserts payload is SendablePayload {
  const { header } = fieldsOf(payload, "");
  // A field that is `undefined` is not sent.
  if (header === undefined) return;
  const { response_code: code } = fieldsOf(header, "header");
  if (code === undefined || isResponseCode(code)) return;
  throw refuse(
    "header.response_code",
    `expected one of the 21 response codes, as a number, got ${valueText(code)}`,
  );
}
