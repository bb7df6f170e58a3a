import { ADDRESS_CHECKS } from "./address-checks.ts";
import type { Check } from "./check.ts";
import { DEVICE_CHECKS } from "./device-checks.ts";
import { FEATURE_CHECKS } from "./feature-checks.ts";
import { LIMIT_CHECKS } from "./limit-checks.ts";
import { LOGIN_CHECKS } from "./login-checks.ts";
import { RIGHTS_CHECKS } from "./rights-checks.ts";
import { ROUND_TRIP_CHECKS } from "./round-trip-checks.ts";
import { TLS_CHECKS } from "./tls-checks.ts";

/** All checks, in the order in which they are made. */
export const CHECKS: readonly Check[] = [
  ...ADDRESS_CHECKS,
  ...TLS_CHECKS,
  ...LOGIN_CHECKS,
  ...LIMIT_CHECKS,
  ...RIGHTS_CHECKS,
  ...ROUND_TRIP_CHECKS,
  ...FEATURE_CHECKS,
  ...DEVICE_CHECKS,
];
