import type { MQTTClient } from "gf-mqtt-client";

import type { Cli } from "../cli.ts";

/** Tells on stderr when the link is lost and when it is back. */
export const showLink = (client: MQTTClient, { errors }: Pick<Cli, "errors">): void => {
  let isLost = false;
  client.on("state", (state, _previous, cause) => {
    if (state === "reconnecting") {
      isLost = true;
      const why = cause === undefined ? "" : `: ${cause.message}`;
      errors.line(`${errors.style.warning("!")} the link is lost${why}; dialling again`);
    } else if (state === "online" && isLost) {
      isLost = false;
      errors.line(`${errors.style.good("✔")} the link is back`);
    }
  });
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
