/** The command line of top: what it says, and the mistakes that procps-ng names. */

import { type OptionSpec, type ParsedOption, type ToolContext, ToolError } from "../../lib/cli/tool.ts";
import { attempt } from "../../lib/kernfile/kernel_file.ts";
import { passwd } from "../../lib/procfs/passwd.ts";
import type { System } from "../../lib/system/system.ts";
import type { UserFilter } from "./compute.ts";
import { fieldIndex } from "./render_fields.ts";
import type { Scale } from "./tasks.ts";

/** What was asked for on the command line; null: not mentioned. */
export interface TopOptions {
  readonly batch: boolean;
  readonly secure: boolean;
  readonly delaySeconds: number | null;
  readonly iterations: number | null;
  readonly pids: readonly number[] | null;
  readonly user: UserFilter | null;
  readonly sort: { readonly field: number; readonly highToLow: boolean | null } | null;
  readonly threads: boolean;
  readonly idleToggles: number;
  readonly commandToggles: number;
  readonly cumulativeToggles: number;
  readonly cpuToggles: number;
  readonly summaryScale: Scale | null;
  readonly taskScale: Scale | null;
  /** Columns; "environment": -w without a number. */
  readonly width: number | "environment" | null;
  readonly container: boolean;
  readonly applyDefaults: boolean;
}

const PIDS_MOST = 20;
const WIDTH_LEAST = 3;
const WIDTH_MOST = 512;

export const topOptions: readonly OptionSpec[] = [
  {
    key: "batch",
    short: "b",
    long: "batch-mode",
    help: "print frames one after another, for scripts and files",
  },
  {
    key: "command",
    short: "c",
    long: "cmdline-toggle",
    help: "command lines instead of names, or the other way round",
  },
  {
    key: "delay",
    short: "d",
    long: "delay",
    argument: "SECS",
    help: "seconds between frames",
    check: (option) => void parseDelay(given(option)),
  },
  {
    key: "summaryScale",
    short: "E",
    long: "scale-summary-mem",
    argument: "SCALE",
    help: "memory of the summary in k, m, g, t, p or e",
    check: (option) => void parseScale(given(option), "kmgtpe"),
  },
  {
    key: "taskScale",
    short: "e",
    long: "scale-task-mem",
    argument: "SCALE",
    help: "memory of the tasks in k, m, g, t or p",
    check: (option) => void parseScale(given(option), "kmgtp"),
  },
  { key: "threads", short: "H", long: "threads-show", help: "a row for each thread" },
  { key: "help", short: "h", long: "help", help: "display this help and exit", immediate: true },
  { key: "idle", short: "i", long: "idle-toggle", help: "hide the tasks that used no CPU" },
  {
    key: "iterations",
    short: "n",
    long: "iterations",
    argument: "N",
    help: "end after N frames",
    check: (option) => void parseIterations(given(option)),
  },
  {
    key: "list",
    short: "O",
    long: "list-fields",
    help: "print the names of all fields and exit",
    immediate: true,
  },
  {
    key: "sort",
    short: "o",
    long: "sort-override",
    argument: "FIELD",
    help: "sort by FIELD; -FIELD: low to high",
    check: (option) => void parseSort(given(option)),
  },
  {
    key: "pid",
    short: "p",
    long: "pid",
    argument: "PIDLIST",
    help: "only these processes, at most 20",
    check: (option, before) => {
      if (before.some(({ key }) => key === "user" || key === "anyUser")) throw clash();
      const known = before
        .filter(({ key }) => key === "pid")
        .flatMap(({ value }) => parsePids(value ?? "", [], 0));
      parsePids(given(option), known, 0);
    },
  },
  { key: "cumulative", short: "S", long: "accum-time-toggle", help: "CPU time with that of ended children" },
  { key: "secure", short: "s", long: "secure-mode", help: "without kill, renice and change of the delay" },
  {
    key: "anyUser",
    short: "U",
    long: "filter-any-user",
    argument: "USER",
    help: "only tasks with USER among their users",
    check: checkUser,
  },
  {
    key: "user",
    short: "u",
    long: "filter-only-euser",
    argument: "USER",
    help: "only tasks of the effective user USER",
    check: checkUser,
  },
  { key: "version", short: "V", long: "version", help: "display the version and exit", immediate: true },
  { key: "version", short: "v", help: "the same", hidden: true, immediate: true },
  {
    key: "width",
    short: "w",
    long: "width",
    argument: "COLUMNS",
    optionalArgument: true,
    help: "columns to use, 512 at most",
    check: (option) => {
      if (option.value !== null) parseWidth(option.value);
    },
  },
  { key: "cpus", short: "1", long: "single-cpu-toggle", help: "a line for each CPU" },
  { key: "defaults", short: "A", long: "apply-defaults", help: "do not read toprc" },
  {
    key: "container",
    long: "container",
    help: "limits, throttling, stalls and the host's figures below the summary",
  },
];

/** Throws ToolError for what only shows when all is read. */
export function readOptions({ commandLine, system }: ToolContext): TopOptions {
  let width: TopOptions["width"] = null;
  let delaySeconds: number | null = null;
  let iterations: number | null = null;
  let pids: number[] | null = null;
  let user: UserFilter | null = null;
  let sortField = -1;
  let highToLow: boolean | null = null;
  let summaryScale: Scale | null = null;
  let taskScale: Scale | null = null;
  const count = (key: string): number => commandLine.options.filter((option) => option.key === key).length;
  for (const { key, value } of commandLine.options) {
    const text = withoutEquals(value ?? "");
    if (key === "delay") delaySeconds = parseDelay(text);
    else if (key === "iterations") iterations = parseIterations(text);
    else if (key === "pid") pids = parsePids(text, pids ?? [], system.pid);
    else if (key === "user" || key === "anyUser") user = parseUser(text, key === "anyUser", system);
    else if (key === "sort") {
      const parsed = parseSort(text);
      sortField = parsed.field;
      highToLow = parsed.highToLow ?? highToLow;
    } else if (key === "summaryScale") summaryScale = parseScale(text, "kmgtpe");
    else if (key === "taskScale") taskScale = parseScale(text, "kmgtp");
    else if (key === "width") width = value === null ? "environment" : parseWidth(value);
  }
  const [operand] = commandLine.operands;
  if (operand !== undefined) {
    // getopt knows no separate value for an optional argument; procps' top takes one.
    if (width !== "environment" || commandLine.operands.length > 1 || !followsWidth(system.argv, operand)) {
      throw new ToolError(`unknown option '${operand}'`);
    }
    width = parseWidth(operand);
  }
  const secure = count("secure") > 0;
  if (secure && delaySeconds !== null) throw new ToolError('-d disallowed in "secure" mode');
  return {
    batch: count("batch") > 0,
    secure,
    delaySeconds,
    iterations,
    pids,
    user,
    sort: sortField < 0 ? null : { field: sortField, highToLow },
    threads: count("threads") > 0,
    idleToggles: count("idle"),
    commandToggles: count("command"),
    cumulativeToggles: count("cumulative"),
    cpuToggles: count("cpus"),
    summaryScale,
    taskScale,
    width,
    container: count("container") > 0,
    applyDefaults: count("defaults") > 0,
  };
}

/** "!name", "name", "1000"; throws ToolError("Invalid user"). */
export function parseUser(text: string, any: boolean, system: System): UserFilter {
  const include = !text.startsWith("!");
  const name = include ? text : text.slice(1);
  const names = attempt(system, "/etc", passwd).value ?? new Map<number, string>();
  if (/^(?:0[xX][0-9a-fA-F]+|\d+)$/.test(name)) return { uid: Number(name), any, include };
  for (const [uid, known] of names) if (known === name) return { uid, any, include };
  throw new ToolError("Invalid user");
}

/** Seconds with `.` or `,`; null: no number. */
export function parseFloatWord(text: string): number | null {
  if (!/^[ \t]*[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?$/.test(text)) return null;
  return Number(text.trim().replace(",", "."));
}

function checkUser(option: ParsedOption, before: readonly ParsedOption[], system: System): void {
  if (before.some(({ key }) => key === "pid" || key === "user" || key === "anyUser")) throw clash();
  parseUser(given(option), false, system);
}

function clash(): ToolError {
  return new ToolError("conflicting process selections (U/p/u)");
}

/** The value of an option that must have one; procps takes `-d ''` for none. */
function given(option: ParsedOption): string {
  const text = withoutEquals(option.value ?? "");
  const letter = topOptions.find((spec) => spec.key === option.key)?.short ?? "";
  if (text === "") throw new ToolError(`-${letter} argument missing`);
  return text;
}

/** procps takes `-d=1` too. */
function withoutEquals(text: string): string {
  return text.startsWith("=") ? text.slice(1) : text;
}

function parseDelay(value: string): number {
  const text = withoutEquals(value);
  const seconds = parseFloatWord(text);
  if (seconds === null || seconds >= 2147483647) throw new ToolError(`bad delay interval '${text}'`);
  if (seconds < 0) throw new ToolError("-d requires positive argument");
  return seconds;
}

function parseIterations(value: string): number {
  const text = withoutEquals(value);
  const count = wholeNumber(text);
  if (count === null || count < 1) throw new ToolError(`bad iterations argument '${text}'`);
  return count;
}

function parseWidth(value: string): number {
  const text = withoutEquals(value);
  const columns = wholeNumber(text);
  if (columns === null || columns < WIDTH_LEAST || columns > WIDTH_MOST) {
    throw new ToolError(`bad width arg '${text}'`);
  }
  return columns;
}

/** As strtol with base 0. */
function wholeNumber(text: string): number | null {
  const found = /^[ \t]*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)$/.exec(text);
  if (found === null) return null;
  const digits = found[2] ?? "";
  const value = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  if (value >= 2147483647) return null;
  return found[1] === "-" ? -value : value;
}

function parseScale(value: string, letters: string): Scale {
  const text = withoutEquals(value);
  const scale = text.length === 1 ? letters.indexOf(text.toLowerCase()) : -1;
  if (scale < 0) throw new ToolError(`bad memory scaling arg '${text}'`);
  return scale as Scale;
}

function parseSort(value: string): { readonly field: number; readonly highToLow: boolean | null } {
  const text = withoutEquals(value);
  const sign = text.charAt(0);
  const name = sign === "+" || sign === "-" ? text.slice(1) : text;
  const field = fieldIndex(name);
  if (field < 0) throw new ToolError(`unrecognized field name '${name}'`);
  return { field, highToLow: sign === "-" ? false : sign === "+" ? true : null };
}

/** @param own 0 stands for it */
function parsePids(value: string, known: readonly number[], own: number): number[] {
  const pids = [...known];
  let rest = withoutEquals(value);
  do {
    if (pids.length >= PIDS_MOST) throw new ToolError(`pid limit (${PIDS_MOST}) exceeded`);
    const found = /^[ \t]*(\d+)/.exec(rest);
    if (found === null || /[+\-.]/.test(rest)) throw new ToolError(`bad pid '${rest}'`);
    const pid = Number(found[1]) || own;
    if (!pids.includes(pid)) pids.push(pid);
    const comma = rest.indexOf(",");
    if (comma < 0) break;
    rest = rest.slice(comma + 1);
  } while (rest !== "");
  return pids;
}

function followsWidth(argv: readonly string[], operand: string): boolean {
  return argv.some((word, i) => argv[i + 1] === operand && /^(?:-[bcHhiSs1OVA]*w|--w[a-z]*)$/.test(word));
}
