/** The four windows of top and what can be switched in each: what toprc keeps. */
import { FIELDS, fieldIndex } from "./render_fields.ts";
import type { Scale } from "./tasks.ts";

export interface WindowColors {
  summary: number;
  messages: number;
  header: number;
  tasks: number;
}

/** Changed by keys, hence not readonly. */
export interface TopWindow {
  name: string;
  /** Indexes into FIELDS: all, in order; `shown` tells which ones are visible. */
  order: number[];
  shown: boolean[];
  sortField: number;
  highToLow: boolean;
  maxTasks: number;
  showLoad: boolean;
  showCpu: boolean;
  showMemory: boolean;
  /** One line for all CPUs. */
  cpuSummary: boolean;
  /** 0 numbers, 1 bars, 2 blocks. */
  cpuGraph: 0 | 1 | 2;
  memoryGraph: 0 | 1 | 2;
  /** CPUs side by side: 0, 1, 2 more. */
  abreast: number;
  /** CPUs taken together: 0 no, 1 two, 2 four ... */
  combine: number;
  colors: boolean;
  /** Bold instead of reverse for x and y. */
  highBold: boolean;
  highColumn: boolean;
  highRows: boolean;
  noBold: boolean;
  commandLine: boolean;
  cumulativeTime: boolean;
  idle: boolean;
  visible: boolean;
  forest: boolean;
  rightNumbers: boolean;
  leftTexts: boolean;
  coordinates: boolean;
  palette: WindowColors;
}

export interface TopSettings {
  /** Four windows at once. */
  many: boolean;
  irix: boolean;
  delaySeconds: number;
  current: number;
  /** Columns added to those that do not scale. */
  widen: number;
  summaryScale: Scale;
  taskScale: Scale;
  zeros: boolean;
  timeTarget: number;
  threads: boolean;
  containerLines: boolean;
  gauges: boolean;
  windows: TopWindow[];
}

const NAMES = ["Def", "Job", "Mem", "Usr"];

const SHOWN: readonly (readonly string[])[] = [
  ["PID", "USER", "PR", "NI", "VIRT", "RES", "SHR", "S", "%CPU", "%MEM", "TIME+", "COMMAND"],
  ["PID", "PPID", "TIME+", "%CPU", "%MEM", "PR", "NI", "S", "VIRT", "RES", "UID", "COMMAND"],
  ["PID", "%MEM", "VIRT", "RES", "CODE", "DATA", "SHR", "nMaj", "nDRT", "%CPU", "COMMAND"],
  ["PID", "PPID", "UID", "USER", "RUSER", "TTY", "TIME+", "%CPU", "%MEM", "S", "COMMAND"],
];

const SORTED = ["%CPU", "PID", "%MEM", "USER"];

/** Summary, messages, header, tasks: numbers of the eight colours. */
const PALETTES: readonly WindowColors[] = [
  { summary: 1, messages: 1, header: 3, tasks: 1 },
  { summary: 6, messages: 6, header: 7, tasks: 6 },
  { summary: 5, messages: 5, header: 4, tasks: 5 },
  { summary: 3, messages: 3, header: 2, tasks: 3 },
];

export function defaultWindow(index: number): TopWindow {
  const names = SHOWN[index] ?? [];
  const first = names.map(fieldIndex);
  const order = [...first, ...FIELDS.map((_, i) => i).filter((i) => !first.includes(i))];
  return {
    name: NAMES[index] ?? "Def",
    order,
    shown: order.map((_, i) => i < first.length),
    sortField: fieldIndex(SORTED[index] ?? "PID"),
    highToLow: true,
    maxTasks: 0,
    showLoad: true,
    showCpu: true,
    showMemory: true,
    cpuSummary: true,
    cpuGraph: 0,
    memoryGraph: 0,
    abreast: 0,
    combine: 0,
    colors: false,
    highBold: true,
    highColumn: false,
    highRows: true,
    noBold: false,
    commandLine: false,
    cumulativeTime: false,
    idle: true,
    visible: true,
    forest: false,
    rightNumbers: true,
    leftTexts: true,
    coordinates: false,
    palette: { ...(PALETTES[index] as WindowColors) },
  };
}

export function defaultSettings(): TopSettings {
  return {
    many: false,
    irix: true,
    delaySeconds: 3,
    current: 0,
    widen: 0,
    summaryScale: 1,
    taskScale: 0,
    zeros: true,
    timeTarget: 0,
    threads: false,
    containerLines: true,
    gauges: true,
    windows: [0, 1, 2, 3].map(defaultWindow),
  };
}

/** Fields that a window shows, left to right; the pid where everything was switched off. */
export function shownFields(window: TopWindow): number[] {
  const shown = window.order.filter((_, i) => window.shown[i] === true);
  return shown.length > 0 ? shown : [fieldIndex("PID")];
}
