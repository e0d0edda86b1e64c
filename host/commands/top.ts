/** procg host top: all containers, ranked, again and again. */
import { type ToolContext, type ToolDeclaration, ToolError, UsageError } from "../../lib/cli/tool.ts";
import { terminalKind } from "../../lib/screen/terminal_kind.ts";
import { openTerminalHost } from "../../lib/system/terminal_host.ts";
import { engineOption, hasOption, openCompanion, optionValue, positiveNumber } from "../companion.ts";
import { openRowReader } from "../list/collect.ts";
import { columnLine } from "../list/columns.ts";
import { type ListDocument, SORT_KEYS, sortRows } from "../list/rows.ts";
import { headText } from "../top/paint.ts";
import { openSource } from "../top/source.ts";
import { newState } from "../top/state.ts";

export const tool: ToolDeclaration = {
  name: "top",
  summary: "all containers, ranked by what they use",
  family: "procg",
  section: 8,
  usage: "[options] [CONTAINER...]",
  options: [
    { key: "batch", short: "b", long: "batch", help: "print, without drawing over what stands" },
    { key: "delay", short: "d", long: "delay", argument: "SECONDS", help: "between two reports (3)" },
    { key: "count", short: "n", long: "count", argument: "N", help: "end after N reports" },
    { key: "sort", short: "o", long: "sort", argument: "KEY", help: `rank by ${SORT_KEYS.join(", ")} (cpu)` },
    engineOption,
  ],
  description: [
    "On a terminal it is used as top is: C, M, L, T, P and N rank by CPU, memory, load, active threads, pids and name, / filters, the arrows " +
      "select a container, Enter shows all of it, h explains the keys, q ends.",
  ],
  run,
};

/** Between the two looks that the first printed report takes. */
const FIRST_SECONDS = 0.3;

async function run(context: ToolContext): Promise<number> {
  const { system, commandLine, shared, print } = context;
  const delay = positiveNumber(commandLine, "delay", 3);
  const wanted = optionValue(commandLine, "sort") ?? "cpu";
  const sort = SORT_KEYS.find((key) => key === wanted);
  if (sort === undefined) throw new UsageError(`--sort: one of ${SORT_KEYS.join(", ")}`);
  const count =
    optionValue(commandLine, "count") === null ? Infinity : positiveNumber(commandLine, "count", 1);
  const names = commandLine.operands.length > 0 ? commandLine.operands : "all";
  const isBatch =
    hasOption(commandLine, "batch") || shared.json || !system.isTerminal(1) || !system.isTerminal(0);
  const kind = isBatch ? "plain" : terminalKind(system);
  if (kind === "unknown") throw new ToolError("TERM does not name a terminal: -b prints");
  const companion = await openCompanion(context);
  const source = await openSource(context, companion, names);
  const state = newState(sort, delay);
  const terminal = kind === "full" ? await openTerminalHost(system) : null;
  if (terminal !== null) {
    const { runInteractive } = await import("../top/interactive.ts");
    return runInteractive(context, companion, terminal, source, state, count);
  }
  const reader = openRowReader(system, companion.access);
  await reader.read(await source.list());
  await system.sleep(FIRST_SECONDS);
  for (let report = 1; ; report++) {
    state.rows = sortRows(await reader.read(await source.list()), sort);
    if (shared.json) {
      const document: ListDocument = { schema: "procg.host-list/v1", containers: state.rows };
      print(`${JSON.stringify(document)}\n`);
    } else {
      const time = new Date(system.realtimeSeconds() * 1000).toISOString().slice(11, 19);
      const lines = [columnLine((column) => column.head)];
      for (const row of state.rows) lines.push(columnLine((column) => column.text(row)));
      print(`${report > 1 ? "\n" : ""}${headText(state, 0, time)}\n\n${lines.join("\n")}\n`);
    }
    if (report >= count) break;
    await system.sleep(delay);
  }
  source.close();
  return 0;
}
