import type { Cli } from "../cli.ts";
import { CONNECTION_OPTIONS } from "../connecting/connection-options.ts";
import type { AskedRequest } from "./request-flags.ts";

const SAFE_WORD = /^[\w@%+=:,./-]+$/;

/** A word as a POSIX shell takes it for one. */
const shellWord = (word: string): string =>
  SAFE_WORD.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

const SECRET = "…";

/** A broker's URL without its password; what no client would take for a URL loses more. */
const withoutPassword = (broker: string): string =>
  broker.replace(/^((?:[a-z][a-z0-9+.-]*:\/\/)?[^/:@]*):.*@/is, `$1:${SECRET}@`);

/** Flags for the connection as they were given; files and names are no secrets. */
const connectionWords = ({ flags }: AskedRequest): readonly string[] => {
  const given: Readonly<Record<string, string | number | boolean | undefined>> = { ...flags };
  return CONNECTION_OPTIONS.flatMap((option) => {
    const name = option.attributeName();
    const value = given[name];
    const flag = option.long ?? "";
    if (name === "broker" || value === undefined) return [];
    if (name === "password") return [flag, SECRET];
    if (name === "timeout") return [flag, `${String(value)}ms`];
    return value === true ? [flag] : [flag, String(value)];
  });
};

/** The same request as one line to copy; secrets are left out. */
const commandLine = (asked: AskedRequest, broker: string): string => {
  const { method, target, resource, words, flags } = asked;
  const { token, correlationId, retry, text } = flags;
  const line = [
    "gf-mqtt",
    method.toLowerCase(),
    target,
    `${resource.subsystem}/${resource.path}`,
    ...words,
    ...(text === true ? ["--text"] : []),
    "--broker",
    withoutPassword(broker),
    ...(token === undefined ? [] : ["--token", SECRET]),
    ...(correlationId === undefined ? [] : ["--correlation-id", correlationId]),
    ...(retry === undefined ? [] : ["--retry", String(retry)]),
    ...connectionWords(asked),
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
