import { responseCodeName } from "gf-mqtt-client";

import type { Style } from "./output.ts";

const FIRST_ERROR_CODE = 400;

/** Whether a response with this code tells of an error. */
export const isErrorCode = (code: number): boolean => code >= FIRST_ERROR_CODE;

/** A response code with its name, as people know it: "205 CONTENT". */
export const codeWithName = (code: number): string =>
  `${String(code)} ${responseCodeName(code) ?? ""}`.trimEnd();

/** A text about a response with this code, green or red. */
export const markByCode = (style: Style, code: number, text: string): string =>
  (isErrorCode(code) ? style.bad : style.good)(text);
