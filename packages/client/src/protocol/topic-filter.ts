import { TopicError } from "../errors/input-errors.ts";
import { topicTextFault } from "./topic-name.ts";

const SHARE = "$share";

const levelFault = (level: string, isLast: boolean): string | undefined => {
  if (level.includes("#") && (level !== "#" || !isLast)) {
    return "# must be alone in the last level";
  }
  return level.includes("+") && level !== "+" ? "+ must be alone in its level" : undefined;
};

const shareFault = (levels: readonly string[]): string | undefined => {
  const [, name, first] = levels;
  if (name === undefined || name === "" || /[+#]/.test(name)) {
    return "a shared subscription is $share/name/filter, its name without + and #";
  }
  return first === undefined || (first === "" && levels.length === 3)
    ? "a shared subscription is $share/name/filter, its filter not empty"
    : undefined;
};

const filterFault = (filter: unknown): string | undefined => {
  const fault = topicTextFault(filter);
  if (fault !== undefined || typeof filter !== "string") return fault;
  const levels = filter.split("/");
  const isShared = levels[0] === SHARE;
  const found = isShared ? shareFault(levels) : undefined;
  if (found !== undefined) return found;
  const last = levels.length - 1;
  for (let index = isShared ? 2 : 0; index <= last; index += 1) {
    const wrong = levelFault(levels[index] ?? "", index === last);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
};

/**
 * Checks a topic filter to subscribe to (MQTT 5 §4.7.1): `+` and `#` each alone in their level, `#`
 * in the last one. Shared subscriptions, `$share/name/filter`, are filters too (MQTT 5 §4.8.2).
 *
 * @throws {TopicError} it is no such text.
 */
export function assertTopicFilter(filter: unknown): asserts filter is string {
  const fault = filterFault(filter);
  if (fault !== undefined) throw new TopicError("topic filter", filter, fault);
}

/** The filter of a shared subscription, without `$share/name/`. */
export const unshared = (filter: string): string =>
  filter.startsWith(`${SHARE}/`) ? filter.slice(filter.indexOf("/", SHARE.length + 1) + 1) : filter;

/** The index after the level of `text` that starts at `start`: that of its `/`, or the end. */
const levelEnd = (text: string, start: number): number => {
  const end = text.indexOf("/", start);
  return end === -1 ? text.length : end;
};

/**
 * Whether a message on `topic` is one for `filter`, a valid filter (MQTT 5 §4.7). A filter that
 * starts with a wildcard does not match topics that start with `$`; `a/#` matches `a` too.
 */
export const matchesFilter = (filter: string, topic: string): boolean => {
  const wanted = unshared(filter);
  if (topic.startsWith("$") && !wanted.startsWith("$")) return false;
  let at = 0;
  let from = 0;
  for (;;) {
    const end = levelEnd(wanted, from);
    const level = wanted.slice(from, end);
    if (level === "#") return true;
    if (at > topic.length) return false;
    const topicEnd = levelEnd(topic, at);
    if (level !== "+" && level !== topic.slice(at, topicEnd)) return false;
    if (end === wanted.length) return topicEnd === topic.length;
    from = end + 1;
    at = topicEnd + 1;
  }
};
