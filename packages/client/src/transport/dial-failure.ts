import { ConnectionFailedError } from "../errors/connection-failed-error.ts";
import type { DialRequest } from "./transport.ts";

/** Why a dial failed. */
export interface DialFault {
  readonly cause?: unknown;
  /** The broker's reason in CONNACK, if it gave one. */
  readonly reasonCode?: number | undefined;
}

/** The error of a dial that failed. */
export const dialFailure = (
  { broker, clientId }: Pick<DialRequest, "broker" | "clientId">,
  { cause, reasonCode }: DialFault,
): ConnectionFailedError =>
  new ConnectionFailedError(broker, {
    cause,
    source: clientId,
    ...(reasonCode === undefined ? {} : { reasonCode }),
  });
