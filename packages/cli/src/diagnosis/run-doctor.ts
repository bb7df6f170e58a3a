import type { Cli } from "../cli.ts";
import { Stopped } from "../cli.ts";
import type { ConnectionFlags } from "../connecting/connection-options.ts";
import { clientOptions } from "../connecting/with-client.ts";
import { UsageFailure } from "../failures/cli-failure.ts";
import { ExitStatus } from "../failures/exit-status.ts";
import type { Resource } from "../requests/resource.ts";
import type { OutputFlags } from "../terminal/output-options.ts";
import { showProgress } from "../terminal/progress-line.ts";
import { safeText } from "../terminal/safe-text.ts";
import type { Check } from "./check.ts";
import { CHECKS } from "./check-table.ts";
import { diagnose } from "./diagnose.ts";
import { DiagnosisReport, diagnosisDocument, verdictLine } from "./diagnosis-report.ts";
import type { Finding } from "./finding.ts";
import { Probe } from "./probe.ts";
import { readSubject } from "./subject.ts";
import type { Subject, Target } from "./subject.ts";

/** Options of `doctor`. */
export interface DoctorFlags extends ConnectionFlags, OutputFlags {
  readonly target?: string;
}

const targetOf = ({ target }: DoctorFlags, resource: Resource | undefined): Target | undefined => {
  if (target !== undefined) return { identifier: target, ...resource };
  if (resource === undefined) return undefined;
  throw new UsageFailure(
    `${resource.subsystem}/${resource.path} of which device?`,
    "name it with --target",
  );
};

/** Makes all checks; prints each as it is made, unless it is for a document. */
const examine = async (
  cli: Cli,
  probe: Probe,
  { json = false, quiet = false }: DoctorFlags,
): Promise<readonly Finding[]> => {
  const { output, signal } = cli;
  const columns = output.isTerminal ? output.columns : Infinity;
  const report = new DiagnosisReport({ style: output.style, columns }, output.line);
  const findings: Finding[] = [];
  let current = "";
  const onStart = ({ group, title }: Check): void => {
    current = `  ${group}: ${title} …`;
  };
  const progress = showProgress(cli.errors, () => current);
  try {
    for await (const finding of diagnose(CHECKS, probe, { signal, onStart })) {
      findings.push(finding);
      progress.clear();
      if (!json && (!quiet || finding.status === "failed")) report.add(finding);
    }
  } finally {
    progress.stop();
  }
  report.flush();
  return findings;
};

const print = ({ output }: Cli, findings: readonly Finding[], subject: Subject): void => {
  const { broker } = subject;
  output.line(
    JSON.stringify(diagnosisDocument(findings, { broker, isConnected: hasLogin(findings) })),
  );
};

const hasLogin = (findings: readonly Finding[]): boolean =>
  findings.some(({ id, status }) => id === "login.credentials" && status === "ok");

/** Looks at a broker, and at a device, from all sides, and prints what is wrong and what to do. */
export const runDoctor = async (
  cli: Cli,
  resource: Resource | undefined,
  flags: DoctorFlags,
): Promise<void> => {
  const target = targetOf(flags, resource);
  const { line, style } = cli.errors;
  const trace = (text: string): void => {
    line(style.dim(safeText(text)));
  };
  const details = { target, ...(flags.verbose === true && { trace }) };
  const subject = readSubject(await clientOptions(cli, flags), details);
  await using probe = new Probe(subject, cli.signal);
  if (flags.json !== true && flags.quiet !== true) cli.output.line(subject.broker);
  const findings = await examine(cli, probe, flags);
  if (flags.json === true) print(cli, findings, subject);
  else if (flags.quiet !== true) cli.output.line(verdictLine(findings, cli.output.style));
  if (!hasLogin(findings)) throw new Stopped("no connection", ExitStatus.NO_CONNECTION);
  if (findings.some(({ status }) => status === "failed")) {
    throw new Stopped("checks failed", ExitStatus.FAILURE);
  }
};
