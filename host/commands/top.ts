/** procg host top: all containers, ranked, again and again. */
import { type ToolContext, type ToolDeclaration, UsageError } from "../../lib/cli/tool.ts";
import { openTerminalHost } from "../../lib/system/terminal_host.ts";
import { engineOption, hasOption, openCompanion, optionValue, positiveNumber } from "../companion.ts";
import { collectRows, type Samples } from "../list/collect.ts";
import { renderRanked } from "../list/render.ts";
import { SORT_KEYS, type SortKey, sortRows } from "../list/rows.ts";

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
    "On a terminal the keys C, M, P, T and N rank by CPU, memory, pids, active threads and name; space reports at once; q ends.",
  ],
  run,
};

const KEYS: Readonly<Record<string, SortKey>> = { C: "cpu", P: "pids", M: "memory", T: "threads", N: "name" };
const CLEAR = "\x1b[H\x1b[J";
const FIRST_SECONDS = 0.3;

async function run(context: ToolContext): Promise<number> {
  const { system, commandLine, print } = context;
  const delay = positiveNumber(commandLine, "delay", 3);
  const wanted = optionValue(commandLine, "sort") ?? "cpu";
  let sort = SORT_KEYS.find((key) => key === wanted);
  if (sort === undefined) throw new UsageError(`--sort: one of ${SORT_KEYS.join(", ")}`);
  const isBatch = hasOption(commandLine, "batch") || !system.isTerminal(1);
  const count =
    optionValue(commandLine, "count") === null ? Infinity : positiveNumber(commandLine, "count", 1);
  const names = commandLine.operands.length > 0 ? commandLine.operands : "all";
  const { engine } = await openCompanion(context);
  const samples: Samples = new Map();
  const terminal = isBatch || !system.isTerminal(0) ? null : await openTerminalHost(system);
  let wake: (() => void) | null = null;
  let ended = false;
  terminal?.openInput("\x1b[?25h", (text) => {
    for (const key of text ?? "q") {
      if (key === "q" || key === "Q" || key === "\x03") ended = true;
      sort = KEYS[key.toUpperCase()] ?? sort;
    }
    wake?.();
  });
  const pause = (seconds: number): Promise<void> =>
    terminal === null
      ? system.sleep(seconds)
      : new Promise((resolve) => {
          const timer = terminal.addTimer(system.monotonicSeconds() + seconds, () => wake?.());
          wake = () => {
            wake = null;
            terminal.removeTimer(timer);
            resolve();
          };
        });
  if (terminal !== null) print("\x1b[?25l");
  await collectRows(context, engine, names, samples);
  await system.sleep(FIRST_SECONDS);
  for (let report = 1; !ended; report++) {
    const rows = sortRows(await collectRows(context, engine, names, samples), sort);
    const size = isBatch ? null : system.windowSize(1);
    const time = new Date(system.realtimeSeconds() * 1000).toISOString().slice(11, 19);
    const head = `procg host top - ${time} UTC, ${rows.length} containers, by ${sort}\n\n`;
    const text = head + renderRanked(rows, size?.[0] ?? 512);
    const shown =
      size === null
        ? text
        : text
            .split("\n")
            .slice(0, Math.max(3, size[1] - 1))
            .join("\r\n");
    print(isBatch ? `${report > 1 ? "\n" : ""}${text}` : `${CLEAR}${shown}`);
    if (report >= count) break;
    await pause(delay);
  }
  if (terminal !== null) {
    terminal.closeInput();
    print("\x1b[?25h\n");
  }
  return 0;
}
