import { InvalidArgumentError } from "commander";

/** What is asked for: `axuv/gains` is `gains` of the subsystem `axuv`. */
export interface Resource {
  readonly subsystem: string;
  readonly path: string;
}

/** What every device with presence answers. */
export const PRESENCE: Resource = { subsystem: "device", path: ".well-known/core" };

/**
 * Reads `SUBSYSTEM/PATH`.
 *
 * @throws {InvalidArgumentError} a part is missing.
 */
export const parseResource = (text: string): Resource => {
  const at = text.indexOf("/");
  const [subsystem, path] = [text.slice(0, at), text.slice(at + 1)];
  if (at > 0 && path !== "") return { subsystem, path };
  throw new InvalidArgumentError(
    "It is SUBSYSTEM/PATH, as in axuv/gains: a part of the device, and its resource.",
  );
};

/**
 * Reads the identifier of a device or the name of a group: one topic segment.
 *
 * @throws {InvalidArgumentError} it is none.
 */
export const parseTarget = (text: string): string => {
  if (/^[^/+#\0]+$/.test(text)) return text;
  throw new InvalidArgumentError("It is one segment of a topic: not empty, without / + and #.");
};
