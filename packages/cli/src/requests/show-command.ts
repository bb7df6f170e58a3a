import type { Cli } from "../cli.ts";
import type { AskedRequest } from "./request-flags.ts";

const SAFE_WORD = /^[\w@%+=:,./-]+$/;

/** A word as a POSIX shell takes it for one. */
const shellWord = (word: string): string =>
  SAFE_WORD.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

const SECRET = "…";

/** The same request as one line to copy; secrets are left out. */
const commandLine = (
  { method, target, resource, words, flags }: AskedRequest,
  broker: string,
): string => {
  const { username, password, token, correlationId, namespace, timeout, qos, mqtt, text } = flags;
  const options: readonly (readonly [flag: string, value: string | undefined])[] = [
    ["--broker", broker],
    ["--username", username],
    ["--password", password === undefined ? undefined : SECRET],
    ["--token", token === undefined ? undefined : SECRET],
    ["--correlation-id", correlationId],
    ["--namespace", namespace],
    ["--timeout", timeout === undefined ? undefined : `${String(timeout)}ms`],
    ["--qos", qos],
    ["--mqtt", mqtt],
  ];
  const given = options.flatMap(([flag, value]) => (value === undefined ? [] : [flag, value]));
  const line = [
    "gf-mqtt",
    method.toLowerCase(),
    target,
    `${resource.subsystem}/${resource.path}`,
    ...words,
    ...(text === true ? ["--text"] : []),
    ...given,
  ];
  return line.map(shellWord).join(" ");
};

/** The same as two commands of Mosquitto's, for machines with nothing else. */
const mosquittoLines = (
  { method, target, resource }: AskedRequest,
  { namespace, body }: { readonly namespace: string; readonly body: unknown },
): readonly string[] => {
  const id = "0000000000000001";
  const topic = (type: string): string =>
    [namespace, resource.subsystem, type, target, id].join("/");
  const payload = {
    header: { method, path: resource.path, request_id: id },
    body,
    timestamp: String(Date.now()),
  };
  return [
    `mosquitto_rr -t ${shellWord(topic("request"))} -e ${shellWord(topic("response"))}`,
    `  -m ${shellWord(JSON.stringify(payload))}`,
  ];
};

/** Prints what would be sent, without sending it. */
export const showCommand = (
  { output }: Cli,
  asked: AskedRequest,
  sent: { readonly broker: string; readonly namespace: string; readonly body: unknown },
): void => {
  output.line(commandLine(asked, sent.broker));
  output.line();
  output.line(
    output.style.dim("# the same with Mosquitto's tools (add -h, -p, -u for your broker):"),
  );
  const [first = "", second = ""] = mosquittoLines(asked, sent);
  output.line(`${first} \\`);
  output.line(second);
};
