import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import type {
  DeviceAddress,
  ResponseRouting,
  ResponseRoutingMode,
  Route,
} from "../../src/exchange/response-routing.ts";
import { MAILBOX, requestTopicOf, responseTopicOf, routingOnLink } from "./routing-rules.ts";
import type { RuleOptions } from "./routing-rules.ts";

const DEVICES: readonly DeviceAddress[] = ["axuv", "camera"].flatMap((subsystem) =>
  ["a", "b"].map((target) => ({ subsystem, target })),
);

/** Something that happens to the rules. Requests are counted from 0 as they are planned. */
type Event =
  | { readonly kind: "request"; readonly address: DeviceAddress }
  | { readonly kind: "answer"; readonly request: number; readonly last: "mailbox" | "id" | "else" }
  | { readonly kind: "duplicate"; readonly request: number; readonly last: "mailbox" | "id" }
  | { readonly kind: "silence"; readonly request: number }
  | { readonly kind: "refusal"; readonly request: number }
  | { readonly kind: "link"; readonly isMailboxGranted: boolean };

const address = fc.constantFrom(...DEVICES);
const request = fc.nat(12);
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("request"), address }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("answer"),
      request,
      last: fc.constantFrom("mailbox", "id", "else"),
    }),
  },
  fc.record({
    kind: fc.constant("duplicate"),
    request,
    last: fc.constantFrom("mailbox", "id"),
  }),
  fc.record({ kind: fc.constant("silence"), request }),
  fc.record({ kind: fc.constant("refusal"), request }),
  fc.record({ kind: fc.constant("link"), isMailboxGranted: fc.boolean() }),
);

/** What happens to the rules, and under which conditions. */
interface Story extends RuleOptions {
  readonly happenings: readonly Event[];
}

const story: fc.Arbitrary<Story> = fc.record({
  happenings: fc.array(event, { maxLength: 60, size: "max" }),
  mode: fc.constantFrom("auto", "mailbox", "per-request"),
  isMailboxGranted: fc.boolean(),
});
const storyWithLittleRoom: fc.Arbitrary<Story & { readonly capacity: number }> = fc
  .tuple(story, fc.integer({ min: 1, max: 6 }))
  .map(([told, capacity]) => ({ ...told, capacity }));

interface Planned {
  readonly address: DeviceAddress;
  readonly id: string;
  readonly route: Route;
}

/** What the rules ought to know, kept without a bound. */
class Model {
  readonly #answersOn = new Map<DeviceAddress, "topic" | "header">();
  readonly #refused = new Set<DeviceAddress>();
  readonly #mode: ResponseRoutingMode;
  isOpen: boolean;

  constructor(mode: ResponseRoutingMode, isMailboxGranted: boolean) {
    this.#mode = mode;
    this.isOpen = isMailboxGranted && mode !== "per-request";
  }

  /** What the route of a request to the device ought to be. */
  expected(device: DeviceAddress, id: string): Route {
    const mailboxTopic = responseTopicOf(device, MAILBOX);
    const extraTopic = responseTopicOf(device, id);
    if (!this.isOpen) {
      const requestTopic = requestTopicOf(device, id);
      return { requestTopic, mailboxTopic: undefined, extraTopic, responseTopic: extraTopic };
    }
    const requestTopic = requestTopicOf(device, MAILBOX);
    const answersOn = this.#answersOn.get(device);
    const needsNoExtra =
      this.#mode === "mailbox" || answersOn === "topic" || this.#refused.has(device);
    if (needsNoExtra) {
      return { requestTopic, mailboxTopic, extraTopic: undefined, responseTopic: mailboxTopic };
    }
    const responseTopic = answersOn === "header" ? extraTopic : mailboxTopic;
    return { requestTopic, mailboxTopic, extraTopic, responseTopic };
  }

  note(happened: Exclude<Event, { readonly kind: "request" }>, planned: readonly Planned[]): void {
    if (happened.kind === "link") {
      this.isOpen = happened.isMailboxGranted && this.#mode !== "per-request";
      this.#refused.clear();
      return;
    }
    const asked = planned[happened.request];
    if (asked === undefined) return;
    const { address: device, route } = asked;
    if (happened.kind === "silence" && this.isOpen) this.#answersOn.delete(device);
    if (happened.kind === "refusal") this.#refused.add(device);
    if (happened.kind !== "answer" && happened.kind !== "duplicate") return;
    // Without a mailbox both kinds answer on the same topic.
    if (route.mailboxTopic === undefined) return;
    if (happened.kind === "answer" && route.extraTopic === undefined) return;
    const isUnknown = !this.#answersOn.has(device);
    if (happened.last === "mailbox") this.#answersOn.set(device, "topic");
    else if (happened.kind === "answer" && happened.last === "id" && isUnknown) {
      this.#answersOn.set(device, "header");
    }
  }
}

/** Plays one event on the rules. */
const apply = (routing: ResponseRouting, happened: Event, planned: Planned[]): void => {
  if (happened.kind === "request") {
    const id = `id-${planned.length}`;
    const { address: device } = happened;
    planned.push({ address: device, id, route: routing.plan(device, id) });
    return;
  }
  if (happened.kind === "link") {
    routing.startLink(happened.isMailboxGranted);
    return;
  }
  const asked = planned[happened.request];
  if (asked === undefined) return;
  const { address: device, id, route } = asked;
  if (happened.kind === "silence") routing.forget(device);
  else if (happened.kind === "refusal") routing.noteExtraTopicRefused(device);
  else {
    const last = { mailbox: MAILBOX, id, else: "else" }[happened.last];
    const topic = responseTopicOf(device, last);
    if (happened.kind === "answer") routing.learn(device, route, topic);
    else if (route.mailboxTopic !== undefined) routing.learnFromDuplicate(topic);
  }
};

/** Looks at a request when it is planned. */
type OnRequest = (request: Planned, model: Model) => void;

/** Plays a story on the rules and on the model side by side; gives the rules as they are then. */
const play = ({ happenings, ...options }: Story, onRequest: OnRequest): ResponseRouting => {
  const routing = routingOnLink(options);
  const model = new Model(options.mode ?? "auto", options.isMailboxGranted ?? true);
  const planned: Planned[] = [];
  for (const happened of happenings) {
    apply(routing, happened, planned);
    if (happened.kind !== "request") model.note(happened, planned);
    const latest = planned.at(-1);
    if (happened.kind === "request" && latest !== undefined) onRequest(latest, model);
  }
  return routing;
};

describe("whatever happened before, a request", () => {
  test.prop([storyWithLittleRoom])(
    "goes out on a topic that ends in the mailbox, or in its id where there is none",
    (told) => {
      play(told, ({ address: device, id, route }, { isOpen }) => {
        expect(route.requestTopic).toBe(requestTopicOf(device, isOpen ? MAILBOX : id));
      });
    },
  );

  test.prop([storyWithLittleRoom])("has an extra topic that ends in its id, if any", (told) => {
    play(told, ({ address: device, id, route }) => {
      expect([responseTopicOf(device, id), undefined]).toContain(route.extraTopic);
    });
  });

  test.prop([storyWithLittleRoom])("expects its answer in the mailbox if there is one", (told) => {
    play(told, ({ address: device, route }, { isOpen }) => {
      expect(route.mailboxTopic).toBe(isOpen ? responseTopicOf(device, MAILBOX) : undefined);
    });
  });

  test.prop([storyWithLittleRoom])("names a topic for its response that is heard", (told) => {
    play(told, ({ route }) => {
      expect(route.responseTopic).toBeDefined();
      expect([route.mailboxTopic, route.extraTopic]).toContain(route.responseTopic);
    });
  });

  test.prop([story], { numRuns: 300 })(
    "takes the route that the answers so far call for, while there is room for all devices",
    (told) => {
      play(told, ({ address: device, id, route }, model) => {
        expect(route).toEqual(model.expected(device, id));
      });
    },
  );

  test.prop([storyWithLittleRoom])(
    "is one of at most as many to devices of a known kind as there is room for",
    ({ happenings, capacity }) => {
      const answers = happenings.filter(({ kind }) => kind !== "refusal" && kind !== "link");
      const routing = play({ happenings: answers, capacity }, () => {});
      const known = DEVICES.filter((device) => {
        const { extraTopic, mailboxTopic, responseTopic } = routing.plan(device, "id");
        return extraTopic === undefined || responseTopic !== mailboxTopic;
      });
      expect(known.length).toBeLessThanOrEqual(capacity);
    },
  );
});
