import type { Decoded } from "./decode-message.ts";
import type { TrafficEvent } from "./pairing.ts";

/** Which traffic is wanted; undefined: any. */
export interface TrafficFilter {
  readonly target?: string;
  readonly subsystem?: string;
  /** With `*` for any characters. */
  readonly path?: string;
  readonly method?: string;
  /** A code, or 2xx, 4xx, 5xx. */
  readonly code?: string;
}

type Predicate = (event: TrafficEvent) => boolean;

/** The message itself, and the request that it belongs to. */
const partsOf = (event: TrafficEvent): readonly (Decoded | undefined)[] =>
  event.event === "unanswered" ? [event.request] : [event, event.request];

const patternOf = (glob: string): RegExp => {
  const escaped = glob
    .split("*")
    .map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, String.raw`\$&`));
  return new RegExp(`^${escaped.join(".*")}$`, "su");
};

/** Makes the test for what is wanted. */
export const createFilter = ({
  target,
  subsystem,
  path,
  method,
  code,
}: TrafficFilter): Predicate => {
  const tests: Predicate[] = [];
  const any = (matches: (part: Decoded) => boolean): void => {
    tests.push((event) => partsOf(event).some((part) => part !== undefined && matches(part)));
  };
  if (target !== undefined) any((part) => part.target === target || part.source === target);
  if (subsystem !== undefined) any((part) => part.subsystem === subsystem);
  if (path !== undefined) {
    const pattern = patternOf(path.replace(/^\//, ""));
    any((part) => part.path !== undefined && pattern.test(part.path.replace(/^\//, "")));
  }
  if (method !== undefined) any((part) => part.method?.toUpperCase() === method.toUpperCase());
  if (code !== undefined) {
    const pattern = new RegExp(`^${code.replaceAll(/x/gi, String.raw`\d`)}$`);
    tests.push(
      (event) =>
        event.event === "message" && event.code !== undefined && pattern.test(String(event.code)),
    );
  }
  return (event) => tests.every((matches) => matches(event));
};
