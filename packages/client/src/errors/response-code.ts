/**
 * How a request was answered: CoAP's response codes times 100, 4.04 being 404 (RFC 7252 §5.9).
 * 2xx is success, 4xx an error of the requester, 5xx an error of the device.
 */
export const ResponseCode = {
  CREATED: 201,
  DELETED: 202,
  VALID: 203,
  CHANGED: 204,
  CONTENT: 205,
  BAD_REQUEST: 400,
  UNAUTHORIZED: 401,
  BAD_OPTION: 402,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  NOT_ACCEPTABLE: 406,
  PRECONDITION_FAILED: 412,
  REQUEST_ENTITY_TOO_LARGE: 413,
  UNSUPPORTED_CONTENT_FORMAT: 415,
  INTERNAL_SERVER_ERROR: 500,
  NOT_IMPLEMENTED: 501,
  BAD_GATEWAY: 502,
  SERVICE_UNAVAILABLE: 503,
  GATEWAY_TIMEOUT: 504,
  PROXYING_NOT_SUPPORTED: 505,
} as const;

/** One of the 21 codes that a response may carry. */
export type ResponseCode = (typeof ResponseCode)[keyof typeof ResponseCode];

/** One of the codes that report success. */
export type SuccessCode = (typeof ResponseCode)[
  | "CREATED"
  | "DELETED"
  | "VALID"
  | "CHANGED"
  | "CONTENT"];

/** The name of a response code, `"NOT_FOUND"` for instance. */
export type ResponseCodeName = keyof typeof ResponseCode;

const NAMES: ReadonlyMap<unknown, ResponseCodeName> = new Map(
  Object.entries(ResponseCode).map(([name, code]) => [code, name as ResponseCodeName]),
);

/** Whether `value` is one of the 21 codes, as a number. */
export const isResponseCode = (value: unknown): value is ResponseCode => NAMES.has(value);

/** Whether a code, known or not, reports success: 200 to 299 (RFC 7252 §5.9.1). */
export const isSuccess = (code: number): boolean => code >= 200 && code < 300;

/** The name of a code, `"NOT_FOUND"` for 404; `undefined` for a code outside the 21. */
export const responseCodeName = (code: number): ResponseCodeName | undefined => NAMES.get(code);
