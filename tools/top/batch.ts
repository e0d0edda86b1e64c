/** Frames one after another: `top -b`. */
import type { ToolContext } from "../../lib/cli/tool.ts";
import type { Container } from "../../lib/container/container.ts";
import { sleepOrStop, watchStop } from "../../lib/system/interrupt.ts";
import { selectTasks, sortTasks, treePrefix, treeTasks } from "./compute.ts";
import { type Frame, type FrameOptions, type Frames, firstInterval, isUtf8, openFrames } from "./frames.ts";
import type { TopOptions } from "./options.ts";
import type { FieldStyle } from "./render_field_kinds.ts";
import { FIELDS } from "./render_fields.ts";
import type { TimeTarget } from "./render_number.ts";
import { cutLine, headerText, layoutColumns, rowText } from "./render_rows.ts";
import { containerLines, cpuLines, loadLine, memoryLines, tasksLine } from "./render_summary.ts";
import { shownFields, type TopSettings, type TopWindow } from "./windows.ts";

const SCREEN_MOST = 512;
const COLUMNS_ELSE = 80;

export async function runBatch(
  context: ToolContext,
  container: Container,
  options: TopOptions,
  settings: TopSettings,
): Promise<number> {
  const { system, shared } = context;
  const frames = openFrames(container, isUtf8(system));
  const window = settings.windows[settings.current] as TopWindow;
  const size = batchSize(context, options);
  const wanted = frameOptions(options, settings, window, shared.json || shared.explain);
  // With exit code 0.
  const stop = options.iterations === 1 ? null : await watchStop(system, [1, 2, 3, 15]);
  let done = 0;
  let doubted = false;
  frames.prime(wanted);
  const first = firstInterval(container);
  for (let wait = first; ; wait = settings.delaySeconds) {
    if (system.hasNextStep()) {
      if ((await sleepOrStop(system, stop, wait)) === "stopped") return 0;
    } else if (done > 0) return 0;
    else frames.forget();
    await frames.askLoad();
    const frame = frames.next(wanted);
    if (!doubted) frame.doubts.forEach(context.warn);
    doubted = doubted || frame.doubts.length > 0;
    if (shared.json || shared.explain) {
      const { explainTop, topJson } = await import("./json.ts");
      if (shared.explain) {
        context.print(explainTop(container, frame));
        return 0;
      }
      context.print(topJson(container, frame, chooseRows(frame, options, window, settings)));
    } else {
      context.print(`${done > 0 ? "\n" : ""}${frameText(frames, frame, options, settings, window, size)}`);
    }
    done++;
    if (done === options.iterations) return 0;
    if (!system.hasNextStep()) return 0;
  }
}

interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** -w wins; else the terminal, COLUMNS, 80. Only -w without a number limits the rows, by LINES. */
function batchSize({ system }: ToolContext, options: TopOptions): Size {
  const fromEnvironment = (name: string): number => {
    const value = system.env(name) ?? "";
    return /^[1-9]\d{0,8}$/.test(value) ? Number(value) : 0;
  };
  if (typeof options.width === "number") return { columns: options.width, rows: Number.POSITIVE_INFINITY };
  if (options.width === "environment") {
    const columns = Math.min(SCREEN_MOST, Math.max(3, fromEnvironment("COLUMNS") || SCREEN_MOST));
    const lines = fromEnvironment("LINES");
    return { columns, rows: lines === 0 ? Number.POSITIVE_INFINITY : Math.max(3, lines) };
  }
  const terminal = system.windowSize(1);
  const columns = (terminal?.[0] ?? 0) || fromEnvironment("COLUMNS") || COLUMNS_ELSE;
  return { columns: Math.min(SCREEN_MOST, columns), rows: Number.POSITIVE_INFINITY };
}

function frameOptions(
  options: TopOptions,
  settings: TopSettings,
  window: TopWindow,
  everything: boolean,
): FrameOptions {
  const shown = [...shownFields(window), window.sortField].map((index) => FIELDS[index]?.name ?? "");
  const has = (...names: readonly string[]): boolean =>
    everything || names.some((name) => shown.includes(name));
  return {
    threads: settings.threads,
    irix: settings.irix,
    pids: options.pids,
    container: options.container || everything,
    scan: {
      statm: has("SHR", "RES", "%MEM", "USED", "CODE", "DATA"),
      owner: has("USER", "UID", "GID", "GROUP") || options.user !== null,
      cmdlines: window.commandLine || everything,
    },
  };
}

export function styleOf(settings: TopSettings, window: TopWindow): FieldStyle {
  return {
    taskScale: settings.taskScale,
    zeros: settings.zeros,
    cumulativeTime: window.cumulativeTime,
    commandLine: window.commandLine,
    timeTarget: settings.timeTarget as TimeTarget,
  };
}

function chooseRows(frame: Frame, options: TopOptions, window: TopWindow, settings: TopSettings): number[] {
  const style = styleOf(settings, window);
  const selection = { user: options.user, others: [], find: "", idle: window.idle };
  const rows = selectTasks(frame.view, selection, [], style);
  sortTasks(frame.view, rows, { field: window.sortField, highToLow: window.highToLow }, style);
  return window.maxTasks > 0 ? rows.slice(0, window.maxTasks) : rows;
}

function frameText(
  frames: Frames,
  frame: Frame,
  options: TopOptions,
  settings: TopSettings,
  window: TopWindow,
  size: Size,
): string {
  const { summary, view } = frame;
  const lines: string[] = [];
  if (window.showLoad) lines.push(loadLine(summary, settings.many ? window.name : "top"));
  if (window.showCpu) {
    lines.push(tasksLine(summary));
    const together = window.combine === 0 ? 1 : 2 ** window.combine;
    const layout = {
      each: !window.cpuSummary,
      graph: window.cpuGraph,
      abreast: 1,
      together,
      columns: size.columns,
    };
    lines.push(...cpuLines(summary.cpu, layout));
  }
  if (window.showMemory) {
    lines.push(
      ...memoryLines(summary, {
        scale: settings.summaryScale,
        graph: window.memoryGraph,
        columns: size.columns,
      }),
    );
  }
  if (summary.container !== null) lines.push(...containerLines(summary.container));
  lines.push("");
  const head = lines.map((line) => cutLine(line, size.columns));
  const columns = layoutColumns({
    fields: shownFields(window),
    skip: 0,
    screenColumns: size.columns,
    pidDigits: frames.pidDigits,
    cpuDigits: frames.cpuDigits,
    widen: settings.widen,
    rightNumbers: window.rightNumbers,
    leftTexts: window.leftTexts,
    indent: 0,
  });
  const style = styleOf(settings, window);
  const body = [headerText(columns, "").trimEnd()];
  const room = size.rows - head.length - 1;
  if (window.forest) {
    const all = selectTasks(view, { user: null, others: [], find: "", idle: true }, [], style);
    const wanted = new Set(chooseRows(frame, options, { ...window, maxTasks: 0 }, settings));
    for (const task of treeTasks(view, all, new Set())) {
      if (body.length > room || !wanted.has(task.row)) continue;
      const command = treePrefix(task) + view.command(task.row, window.commandLine);
      body.push(rowText(view, task.row, columns, style, "", { command }).trimEnd());
    }
  } else {
    for (const row of chooseRows(frame, options, window, settings)) {
      if (body.length > room) break;
      body.push(rowText(view, row, columns, style, "").trimEnd());
    }
  }
  return `${head.join("\n")}\n${body.join("\n")}\n`;
}
