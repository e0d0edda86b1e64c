/** procg host report: what containers use of their limits, over a window, and which limits would do. */
import { type ToolContext, type ToolDeclaration, ToolError, UsageError } from "../../lib/cli/tool.ts";
import { errnoText } from "../../lib/system/errno.ts";
import { engineOption, hasOption, openCompanion, optionValue } from "../companion.ts";
import { collectReport } from "../report/collect.ts";

export const tool: ToolDeclaration = {
  name: "report",
  summary: "what containers use of their limits over a window, and which limits would do",
  family: "procg",
  section: 8,
  usage: "[options] [CONTAINER...]",
  options: [
    { key: "for", long: "for", argument: "TIME", help: "look for so long: 90, 90s, 10m, 1h (60s)" },
    { key: "interval", long: "interval", argument: "TIME", help: "and so often (1s, or 300 times in all)" },
    {
      key: "last",
      long: "last",
      argument: "TIME",
      help: "go so far back in what containers keep in /var/log/procg: 24h, 7d; 0 for not at all (24h)",
    },
    { key: "csv", long: "csv", help: "print a line for each container, with commas" },
    {
      key: "html",
      long: "html",
      argument: "FILE",
      help: "write one page with charts, beside what is printed",
    },
    engineOption,
  ],
  description: [
    "Peak, p95 and mean of memory, CPU and tasks against the limits, the throttled share, pressure and OOM kills, a limit that would do with " +
      "the reason, and the sum against the host. What a container keeps of itself is its own word. Rules: docs/host.md.",
  ],
  run,
};

async function run(context: ToolContext): Promise<number> {
  const { system, commandLine, shared, print } = context;
  const path = optionValue(commandLine, "html");
  const asCsv = hasOption(commandLine, "csv");
  if (asCsv && shared.json) throw new UsageError("--csv and --json exclude each other");
  const time = (key: string, standard: number): number => {
    const text = optionValue(commandLine, key);
    const seconds = text === null ? standard : parseSeconds(text);
    if (seconds === null) throw new UsageError(`--${key}: not a time: '${text}'`);
    return seconds;
  };
  const forSeconds = time("for", 60);
  const intervalSeconds = time("interval", Math.max(1, forSeconds / 300));
  if (intervalSeconds <= 0) throw new UsageError("--interval: must be above 0");
  const window = { forSeconds, intervalSeconds, lastSeconds: time("last", 86_400) };
  const names = commandLine.operands.length > 0 ? commandLine.operands : "all";
  if (forSeconds > 2 && system.isTerminal(2)) context.warn(`looking for ${Math.round(forSeconds)} s (--for)`);
  const { report, points } = await collectReport(context, await openCompanion(context), names, window);
  if (path !== null) {
    const { renderPage } = await import("../report/render_page.ts");
    const written = system.writeFileAtomic(path, renderPage(report, points), 0o644);
    if (written < 0) throw new ToolError(`${path}: ${errnoText(written)}`);
  }
  if (shared.json) print(`${JSON.stringify(report)}\n`);
  else {
    const { renderCsv, renderReport } = await import("../report/render.ts");
    print(asCsv ? renderCsv(report) : renderReport(report));
  }
  return 0;
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Seconds; null: no time. */
export function parseSeconds(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(text);
  return match === null ? null : Number(match[1]) * (UNITS[match[2] || "s"] ?? 1);
}
