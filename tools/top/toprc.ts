/**
 * The file that W writes, and procps-ng's, which is read where ours does not exist.
 *
 * Ours is JSON with fields by name, so that it survives new fields. procps': lines of key=value; fieldscur holds
 * (index + 37) x 2 + shown for each field in order, winflags one bit for each switch (cli-compat section 5.3).
 */
import { ToolError } from "../../lib/cli/tool.ts";
import { FIELDS, fieldIndex } from "./render_fields.ts";
import type { Scale } from "./tasks.ts";
import { defaultSettings, defaultWindow, type TopSettings, type TopWindow } from "./windows.ts";

const SCHEMA = "procg.toprc/v1";

/** Throws ToolError for a file of which nothing can be made, as procps does. */
export function parseToprc(text: string, path: string): TopSettings {
  const settings = text.trimStart().startsWith("{") ? parseOwn(text) : parseProcps(text);
  if (settings === null) throw new ToolError(`incompatible rcfile, you should delete '${path}'`);
  return settings;
}

export function toprcText(settings: TopSettings): string {
  const windows = settings.windows.map((window) => {
    const { order, shown, sortField, ...rest } = window;
    return {
      ...rest,
      fields: order.filter((_, i) => shown[i] === true).map(fieldName),
      hiddenFields: order.filter((_, i) => shown[i] !== true).map(fieldName),
      sortField: fieldName(sortField),
    };
  });
  const { threads: _, ...kept } = settings;
  return `${JSON.stringify({ schema: SCHEMA, ...kept, windows }, null, 1)}\n`;
}

function fieldName(index: number): string {
  return FIELDS[index]?.name ?? "PID";
}

type Loose = Record<string, unknown>;

/** Whatever is missing or of another type keeps its default. */
function parseOwn(text: string): TopSettings | null {
  let found: Loose;
  try {
    found = JSON.parse(text) as Loose;
  } catch {
    return null;
  }
  if (found.schema !== SCHEMA) return null;
  const settings = defaultSettings();
  const windows = Array.isArray(found.windows) ? (found.windows as unknown[]) : [];
  takeOver(settings as unknown as Loose, found, ["windows"]);
  settings.current = within(settings.current, 0, 3, 0);
  settings.summaryScale = within(settings.summaryScale, 0, 5, 1) as Scale;
  settings.taskScale = within(settings.taskScale, 0, 4, 0) as Scale;
  settings.timeTarget = within(settings.timeTarget, 0, 6, 0);
  settings.windows = settings.windows.map((window, i) => {
    const one = windows[i];
    return typeof one === "object" && one !== null ? ownWindow(window, one as Loose) : window;
  });
  return settings;
}

function ownWindow(window: TopWindow, found: Loose): TopWindow {
  const result = { ...window, palette: { ...window.palette } };
  takeOver(result as unknown as Loose, found, ["order", "shown", "sortField", "palette"]);
  if (typeof found.palette === "object" && found.palette !== null) {
    takeOver(result.palette as unknown as Loose, found.palette as Loose, []);
  }
  const indexes = (list: unknown): number[] =>
    Array.isArray(list) ? list.map((name) => fieldIndex(String(name))).filter((index) => index >= 0) : [];
  if (Array.isArray(found.fields)) arrange(result, indexes(found.fields), indexes(found.hiddenFields));
  const sort = fieldIndex(String(found.sortField));
  if (sort >= 0) result.sortField = sort;
  return result;
}

/** Fields that neither list names (newer than the file) follow hidden. */
function arrange(window: TopWindow, shown: readonly number[], hidden: readonly number[]): void {
  const order = [...new Set([...shown, ...hidden, ...FIELDS.map((_, i) => i)])];
  window.order = order;
  window.shown = order.map((index) => shown.includes(index));
}

function takeOver(target: Loose, source: Loose, except: readonly string[]): void {
  for (const key of Object.keys(target)) {
    if (except.includes(key)) continue;
    const value = source[key];
    if (typeof value !== typeof target[key]) continue;
    if (typeof value === "number" && !(Number.isFinite(value) && value >= -1)) continue;
    if (typeof value === "string") target[key] = value.replace(/[^ -~]/g, "?").slice(0, 3);
    else target[key] = value;
  }
}

function within(value: number, least: number, most: number, otherwise: number): number {
  return Number.isInteger(value) && value >= least && value <= most ? value : otherwise;
}

/** Bits of winflags. */
const FLAG = {
  rightTexts: 0x40000,
  rightNumbers: 0x20000,
  scroll: 0x80000,
  cpuSummary: 0x8000,
  load: 0x4000,
  states: 0x2000,
  memory: 0x1000,
  colors: 0x800,
  highBold: 0x400,
  highColumn: 0x200,
  highRows: 0x100,
  commandLine: 0x80,
  cumulative: 0x40,
  idle: 0x20,
  visible: 0x10,
  noBold: 8,
  highToLow: 4,
  forest: 2,
};

function parseProcps(text: string): TopSettings | null {
  const value = (from: string, key: string): number | null => {
    const found = new RegExp(`(?:^|[\\s,])${key}=\\s*(-?[\\d.]+)`).exec(from);
    return found === null ? null : Number(found[1]);
  };
  const start = text.search(/^Id:/m);
  if (start < 0) return null;
  const settings = defaultSettings();
  const windows = text.slice(start).split(/^(?=\S{1,3}\tfieldscur=)/m);
  const head = windows.shift() ?? "";
  settings.many = value(head, "Mode_altscr") === 1;
  settings.irix = value(head, "Mode_irixps") !== 0;
  settings.delaySeconds = value(head, "Delay_time") ?? 3;
  settings.current = within(value(head, "Curwin") ?? 0, 0, 3, 0);
  settings.widen = Math.max(0, value(text, "Fixed_widest") ?? 0);
  settings.summaryScale = within(value(text, "Summ_mscale") ?? 1, 0, 5, 1) as Scale;
  settings.taskScale = within(value(text, "Task_mscale") ?? 0, 0, 4, 0) as Scale;
  settings.zeros = value(text, "Zero_suppress") !== 1;
  settings.timeTarget = within(value(text, "Tics_scaled") ?? 0, 0, 6, 0);
  if (windows.length < 4) return null;
  settings.windows = windows.slice(0, 4).map((part, i) => procpsWindow(part, i, value));
  return settings;
}

function procpsWindow(
  text: string,
  index: number,
  value: (from: string, key: string) => number | null,
): TopWindow {
  const window = defaultWindow(index);
  window.name = (/^\S{1,3}/.exec(text)?.[0] ?? window.name).replace(/[^ -~]/g, "?");
  const numbers = (/fieldscur=([\d\s]*)/.exec(text)?.[1] ?? "").trim().split(/\s+/).map(Number);
  // Fields of newer versions than ours are left out, and those of ours follow.
  const known = numbers
    .map((number) => ({ index: (number >> 1) - 37, shown: (number & 1) === 1 }))
    .filter((field) => field.index >= 0 && field.index < PROCPS_FIELDS);
  const order = [...new Set([...known.map((field) => field.index), ...FIELDS.map((_, i) => i)])];
  const visible = new Set(known.filter((field) => field.shown).map((field) => field.index));
  window.order = order;
  window.shown = order.map((field) => visible.has(field));
  const flags = value(text, "winflags") ?? 0;
  const has = (bit: number): boolean => (flags & bit) !== 0;
  window.cpuSummary = has(FLAG.cpuSummary);
  window.showLoad = has(FLAG.load);
  window.showCpu = has(FLAG.states);
  window.showMemory = has(FLAG.memory);
  window.colors = has(FLAG.colors);
  window.highBold = has(FLAG.highBold);
  window.highColumn = has(FLAG.highColumn);
  window.highRows = has(FLAG.highRows);
  window.commandLine = has(FLAG.commandLine);
  window.cumulativeTime = has(FLAG.cumulative);
  window.idle = has(FLAG.idle);
  window.visible = has(FLAG.visible);
  window.noBold = has(FLAG.noBold);
  window.highToLow = has(FLAG.highToLow);
  window.forest = has(FLAG.forest);
  window.coordinates = has(FLAG.scroll);
  window.rightNumbers = has(FLAG.rightNumbers) || flags === 0;
  window.leftTexts = !has(FLAG.rightTexts);
  window.sortField = within(value(text, "sortindx") ?? 0, 0, PROCPS_FIELDS - 1, 0);
  window.maxTasks = Math.max(0, value(text, "maxtasks") ?? 0);
  window.cpuGraph = within(value(text, "graph_cpus") ?? 0, 0, 2, 0) as 0 | 1 | 2;
  window.memoryGraph = within(value(text, "graph_mems") ?? 0, 0, 2, 0) as 0 | 1 | 2;
  window.abreast = within(value(text, "double_up") ?? 0, 0, 8, 0);
  const color = (key: string, otherwise: number): number =>
    within(value(text, key) ?? otherwise, 0, 7, otherwise);
  window.palette = {
    summary: color("summclr", window.palette.summary),
    messages: color("msgsclr", window.palette.messages),
    header: color("headclr", window.palette.header),
    tasks: color("taskclr", window.palette.tasks),
  };
  return window;
}

/** Fields that procps-ng 4 has, in the same order as ours; then come our own. */
const PROCPS_FIELDS = 81;
