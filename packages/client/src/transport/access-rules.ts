import { OptionError } from "../errors/input-errors.ts";
import { refuseUnknownOptions } from "../options/checks.ts";
import { assertTopicFilter, matchesFilter } from "../protocol/topic-filter.ts";

/** Who may use which topics: filters in which `%c` stands for the client id, as in Mosquitto's `pattern`; or a function. */
export type AccessRule = readonly string[] | ((clientId: string, topic: string) => boolean);

/** What clients may do. */
export interface AccessRules {
  /**
   * Topics that a client may publish on.
   * @default all
   */
  readonly publish?: AccessRule | undefined;
  /**
   * Topic filters that a client may subscribe to: those that are covered by one in a list.
   * @default all
   */
  readonly subscribe?: AccessRule | undefined;
}

/** Whether a client may use a topic, or a filter as a whole. */
export type MayUse = (clientId: string, topic: string) => boolean;

const everything: MayUse = () => true;

const readRule = (option: string, rule: unknown): MayUse => {
  if (rule === undefined) return everything;
  // A function was given to be called with these.
  if (typeof rule === "function") return rule as MayUse;
  if (!Array.isArray(rule)) {
    throw new OptionError(option, rule, "a list of topic filters, or a function");
  }
  const filters: readonly unknown[] = rule;
  for (const filter of filters) assertTopicFilter(filter);
  return (clientId, topic) =>
    filters.some((filter) => {
      const allowed = String(filter).replaceAll("%c", () => clientId);
      return allowed === topic || matchesFilter(allowed, topic);
    });
};

/**
 * Reads the option `allow`.
 *
 * @throws {OptionError} a rule is unknown, or neither a list nor a function.
 * @throws {TopicError} one of a list is no topic filter.
 */
export const readAccessRules = (
  allow: AccessRules = {},
): { readonly publish: MayUse; readonly subscribe: MayUse } => {
  refuseUnknownOptions(allow, new Set(["publish", "subscribe"]), "allow");
  return {
    publish: readRule("allow.publish", allow.publish),
    subscribe: readRule("allow.subscribe", allow.subscribe),
  };
};
