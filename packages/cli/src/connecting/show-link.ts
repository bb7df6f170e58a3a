import type { Logger, MQTTClient } from "gf-mqtt-client";

import type { Cli } from "../cli.ts";
import { safeText } from "../terminal/safe-text.ts";

/** Tells on stderr when the link is lost and when it is back; not each time that it is dialled in vain. */
export const showLink = (client: MQTTClient, { errors }: Pick<Cli, "errors">): void => {
  let isLost = false;
  client.on("state", (state, _previous, cause) => {
    if (state === "reconnecting" && !isLost) {
      isLost = true;
      const why = cause === undefined ? "" : `: ${safeText(cause.message)}`;
      errors.line(`${errors.style.warning("!")} the link is lost${why}; dialling again`);
    } else if (state === "online" && isLost) {
      isLost = false;
      errors.line(`${errors.style.good("✔")} the link is back`);
    }
  });
};

/** What the library logs of the link; {@link showLink} tells it already. */
const TOLD_BY_LINK = new Set([
  "the link to the broker is lost",
  "could not reconnect to the broker",
]);

/** Prints what the library warns of, a line each, beside what {@link showLink} tells. */
export const warningsBesideLink = ({ errors }: Pick<Cli, "errors">): Logger => {
  const tell =
    (mark: string): Logger["warn"] =>
    ({ error }, message) => {
      if (TOLD_BY_LINK.has(message)) return;
      const why = error instanceof Error ? `: ${error.message}` : "";
      errors.line(`${mark} ${safeText(`${message}${why}`)}`);
    };
  return {
    trace: () => undefined,
    debug: () => undefined,
    info: () => undefined,
    warn: tell(errors.style.warning("!")),
    error: tell(errors.style.bad("✘")),
  };
};

/** Goes on until the command is stopped, or the client has closed for good. Always rejects, with the reason. */
export const goOn = (client: MQTTClient, { signal }: Pick<Cli, "signal">): Promise<never> =>
  new Promise((_resolve, reject) => {
    const stop = (): void => {
      // A `Stopped`, see there.
      reject(signal.reason as Error);
    };
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    client.on("state", (state, _previous, cause) => {
      if (state === "closed") reject(cause ?? new Error("the client has closed"));
    });
  });
