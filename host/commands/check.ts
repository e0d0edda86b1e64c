/** procg host check: how this host is set up for containers, and what will hurt. */

import { pidsMax as pidsMaxV1 } from "../../lib/cgroupfs/v1/pids.ts";
import { pidsMax } from "../../lib/cgroupfs/v2/pids.ts";
import { type ToolContext, type ToolDeclaration, ToolError, UsageError } from "../../lib/cli/tool.ts";
import { attempt } from "../../lib/kernfile/kernel_file.ts";
import { errnoText } from "../../lib/system/errno.ts";
import { examineHost } from "../check/collect.ts";
import { renderDifferences, renderReport } from "../check/render.ts";
import { type CheckDifferences, type CheckReport, compareReports, parseReport } from "../check/report.ts";
import { engineOption, openCompanion, optionValue } from "../companion.ts";
import { type Engine, isFailure } from "../engine/engine.ts";
import { openHostView, readCgroups } from "../register/host_view.ts";

export const tool: ToolDeclaration = {
  name: "check",
  summary: "how this host is set up for containers, and what will hurt",
  family: "procg",
  section: 8,
  usage: "[options]",
  options: [
    {
      key: "baseline",
      long: "baseline",
      argument: "FILE",
      help: "compare with a report of before, or of another host (its --json)",
    },
    engineOption,
  ],
  description: [
    "Read-only. `procg host check --json > host.json` keeps a report; `--baseline host.json` prints what differs. Exit status: 0 nothing, 1 at least one " +
      "warning, or with --baseline a difference, 2 a report that cannot be read.",
  ],
  run,
};

async function run(context: ToolContext): Promise<number> {
  const { system, commandLine, shared, print } = context;
  const [extra] = commandLine.operands;
  if (extra !== undefined) throw new UsageError(`extra operand '${extra}'`);
  const path = optionValue(commandLine, "baseline");
  const text = path === null ? null : system.readText(path);
  if (typeof text === "number") throw new ToolError(`${path}: ${errnoText(text)}`, 2);
  const baseline = text === null ? null : parseReport(text);
  if (text !== null && baseline === null)
    throw new ToolError(`${path}: not a report of procg host check --json`, 2);
  const { engine } = await openCompanion(context);
  const report: CheckReport = {
    schema: "procg.host-check/v1",
    host: system.names().nodename,
    checkedAt: new Date(system.realtimeSeconds() * 1000).toISOString(),
    findings: await examineHost({
      system,
      info: (await engine?.info()) ?? null,
      pidsLimitSum: engine === null ? null : await sumOfPidsLimits(context, engine),
    }),
  };
  if (baseline !== null) {
    const differences = compareReports(baseline, report);
    const document: CheckDifferences = { schema: "procg.host-check-diff/v1", differences };
    print(shared.json ? `${JSON.stringify(document)}\n` : renderDifferences(differences));
    return differences.length === 0 ? 0 : 1;
  }
  print(shared.json ? `${JSON.stringify(report)}\n` : renderReport(report));
  return report.findings.some((each) => each.status === "warn") ? 1 : 0;
}

async function sumOfPidsLimits({ system }: ToolContext, engine: Engine): Promise<number | "max" | null> {
  const ids: string[] = [];
  if ((await engine.list(({ id }) => ids.push(id))) !== null) return null;
  const view = openHostView(system);
  let sum = 0;
  for (const id of ids) {
    const facts = await engine.inspect(id);
    if (isFailure(facts) || facts.pid === 0) continue;
    const location = readCgroups(view, facts.pid, id)?.location("pids") ?? null;
    if (location === null) continue;
    const limit = attempt(system, location.directory, location.version === 2 ? pidsMax : pidsMaxV1).value;
    if (limit === "max") return "max";
    sum += limit ?? 0;
  }
  return sum;
}
