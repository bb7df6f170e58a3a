import type { AedesOptions } from "aedes";
import { HookError } from "./errors.ts";
import type { CheckedOptions, Credentials } from "./options.ts";

/** An answer that the options asked for, so no fault that anybody needs to hear of. */
export class Refusal extends Error {
  static {
    this.prototype.name = "Refusal";
  }
}

type BrokerHooks = Pick<
  AedesOptions,
  "preConnect" | "authenticate" | "authorizePublish" | "authorizeSubscribe"
>;

const BAD_USERNAME_OR_PASSWORD = 4;
const NOT_AUTHORIZED = 5;

// MQTT 3.1.1 §3.2.2.3 and MQTT 5 §3.2.2.2. Each client is answered in the form that it can read.
const UNACCEPTABLE_PROTOCOL_LEVEL = Uint8Array.of(0x20, 0x02, 0x00, 0x01);
const UNSUPPORTED_PROTOCOL_VERSION = Uint8Array.of(0x20, 0x03, 0x00, 0x84, 0x00);

// Topics that a broker publishes itself (MQTT 5 §4.7.2).
const SYSTEM_TOPIC_PREFIX = "$SYS/";

/**
 * The user's hooks in the form that the broker calls; whatever they do, they give an answer.
 *
 * @param granted - is given each subscription that is granted.
 */
export function brokerHooks(options: CheckedOptions, granted: WeakSet<object>): BrokerHooks {
  const hooks: BrokerHooks = {
    preConnect: gateFor(options.protocolVersions),
    authorizePublish: publishGuard(options),
    authorizeSubscribe: subscribeGuard(options, granted),
  };
  if (options.authenticate) hooks.authenticate = doorkeeper(options.authenticate, options);
  return hooks;
}

function gateFor(versions: ReadonlySet<number>): NonNullable<BrokerHooks["preConnect"]> {
  return (client, packet, done) => {
    const version = packet.protocolVersion ?? 4;
    if (versions.has(version)) {
      done(null, true);
      return;
    }
    const connack = version === 5 ? UNSUPPORTED_PROTOCOL_VERSION : UNACCEPTABLE_PROTOCOL_LEVEL;
    const refusal = new Refusal(`protocol level ${version} is not among those accepted`);
    // The broker destroys the socket on refusal, so it must not hear of it before the bytes left.
    client.conn.write(connack, () => done(refusal, false));
  };
}

function doorkeeper(
  authenticate: NonNullable<CheckedOptions["authenticate"]>,
  options: CheckedOptions,
): NonNullable<BrokerHooks["authenticate"]> {
  const check = async (credentials: Credentials): Promise<number | undefined> => {
    try {
      if (mustBeBoolean(await authenticate(credentials))) return undefined;
      return credentials.username === undefined ? NOT_AUTHORIZED : BAD_USERNAME_OR_PASSWORD;
    } catch (cause) {
      options.onError(new HookError("authenticate", credentials.clientId, cause));
      return NOT_AUTHORIZED;
    }
  };
  return (client, ...login) => {
    const [username, password, done] = login;
    const credentials = { clientId: client.id, username, password: password?.toString("utf8") };
    void check(credentials).then((returnCode) => {
      if (returnCode === undefined) done(null, true);
      else done(Object.assign(new Refusal("credentials refused"), { returnCode }), false);
    });
  };
}

function publishGuard(options: CheckedOptions): NonNullable<BrokerHooks["authorizePublish"]> {
  const { authorizePublish = () => true, onError } = options;
  return (client, { topic }, done) => {
    // No client: the broker publishes the will of one that a former run left behind.
    const clientId = client?.id ?? "";
    const allowed =
      !topic.startsWith(SYSTEM_TOPIC_PREFIX) &&
      decide(
        () => authorizePublish(clientId, topic),
        (cause) => onError(new HookError("authorizePublish", clientId, cause)),
      );
    done(allowed ? null : new Refusal(`publishing to "${topic}" is refused`));
  };
}

function subscribeGuard(
  { authorizeSubscribe = () => true, onError }: CheckedOptions,
  granted: WeakSet<object>,
): NonNullable<BrokerHooks["authorizeSubscribe"]> {
  return (client, subscription, done) => {
    const allowed = decide(
      () => authorizeSubscribe(client.id, subscription.topic),
      (cause) => onError(new HookError("authorizeSubscribe", client.id, cause)),
    );
    if (allowed) granted.add(subscription);
    // The broker takes "no error, no subscription" for a refusal of this one filter.
    done(null, allowed ? subscription : null);
  };
}

function decide(question: () => unknown, onFault: (cause: unknown) => void): boolean {
  try {
    return mustBeBoolean(question());
  } catch (cause) {
    onFault(cause);
    return false;
  }
}

function mustBeBoolean(answer: unknown): boolean {
  if (typeof answer === "boolean") return answer;
  throw new TypeError(`it answered with ${typeof answer} instead of a boolean`);
}
