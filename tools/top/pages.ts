/** Pages that take the whole screen: help, fields, colours, one process, cgroups, filters. */
import { cpuacctUsage } from "../../lib/cgroupfs/v1/cpuacct_usage.ts";
import { memoryUsageInBytes } from "../../lib/cgroupfs/v1/memory_usage_in_bytes.ts";
import { pidsCurrent as pidsCurrentV1 } from "../../lib/cgroupfs/v1/pids.ts";
import { cpuStat } from "../../lib/cgroupfs/v2/cpu_stat.ts";
import { memoryCurrent } from "../../lib/cgroupfs/v2/memory_current.ts";
import { pidsCurrent } from "../../lib/cgroupfs/v2/pids.ts";
import { attempt } from "../../lib/kernfile/kernel_file.ts";
import type { StyledLine } from "../../lib/screen/screen.ts";
import { isDirectory } from "../../lib/system/file_type.ts";
import { fixed } from "../../lib/units/fixed.ts";
import { cutToColumns, fitColumns } from "../../lib/units/terminal_text.ts";
import { fieldNameOf, paintPage } from "./paint.ts";
import { cpuPercent } from "./render_field_values.ts";
import { FIELDS } from "./render_fields.ts";
import { scaleTime } from "./render_number.ts";
import { currentState, currentWindow, rowOfPid, type Session, type View } from "./session.ts";
import type { TopWindow } from "./windows.ts";

const HELP: readonly (readonly string[])[] = [
  [
    "  Enter Space   look now                       q ^C          quit",
    "  d s  delay in seconds                        W             write ~/.config/procg/toprc",
    "  k r  signal, renice a task                   ^R            renice its autogroup",
    "",
    "  P M N T       sort by %CPU, %MEM, PID, TIME+ < >           sort column left, right",
    "  R    reverse the order                       f             choose, move, sort fields",
    "  u U  tasks of one user (effective, any)      o O ^O =      other filters: add, show, none",
    "  /    filter while typing                     L &           locate a text, next",
    "  i    only tasks that used CPU                n #           how many tasks",
    "  c    command lines                           V v F         tree, fold a branch, keep it alone",
    "  H    threads                                 S             CPU time with ended children",
    "  I    %CPU of one CPU or of all               0             hide zeros",
    "",
    "  l t m  load line, tasks and CPU, memory: numbers, bars, blocks, none",
    "  1 4 !  a line for each CPU, side by side, taken together       2 3 5  NUMA, cores",
    "  E e ^E units of the summary, of the tasks, of times            X      wider fixed columns",
    "  x y b B z Z j J C   highlights, colours, justification, coordinates",
    "",
    "  @  the container's lines: limit, stalls, host    *  gauges and history",
    "  D  everything about one task (Y too)             $  cgroups below this container",
    "  ^G ^K ^N ^P ^U ^L   cgroups, command line, environment, namespaces, groups, messages",
    "  mouse: click a task to select it, a heading to sort by it; arrows and wheel scroll",
  ],
  [
    "  Four windows, each with its own fields, order, filters and colours:",
    "  1:Def  2:Job  3:Mem  4:Usr",
    "",
    "  A      one window or all of them at once",
    "  g      make another window the current one: 1 2 3 4",
    "  a w    the next, the previous window            (with A)",
    "  G      rename the current window                (with A)",
    "  - _    show or hide the current one, all others (with A)",
    "  = +    undo filters and limits here, everywhere (with A)",
    "",
    "  The current window rules the summary; keys act on it.",
  ],
];

export function helpPage(session: Session, page: 0 | 1): StyledLine[] {
  const heading = page === 0 ? "Help for Interactive Commands - procg top" : "Help for Windows";
  const window = currentWindow(session);
  const state =
    `Window ${session.settings.current + 1}:${window.name}: cumulative mode ${window.cumulativeTime ? "on" : "off"}. ` +
    `Delay ${fixed(session.settings.delaySeconds, 1)} s; secure mode ${session.secure ? "on" : "off"}.`;
  const foot = page === 0 ? "h: windows;  q, Esc, Enter: back" : "q, Esc, Enter: back";
  return paintPage(session, heading, [state, "", ...(HELP[page] ?? [])], 0, foot);
}

export function fieldsPage(session: Session, view: Extract<View, { kind: "fields" }>): StyledLine[] {
  const window = currentWindow(session);
  const { columns, rows } = session;
  const name = `${session.settings.current + 1}:${window.name}`;
  const heading = `Fields Management for window ${name}, whose current sort field is ${fieldNameOf(window.sortField)}`;
  const lines: StyledLine[] = [
    { spans: [{ text: fitColumns(heading, columns), style: { reverse: true } }] },
    {
      spans: [
        {
          text: cutToColumns(
            "   d Space: show or hide;  s: sort by it;  Right: move, then Left or Enter;  a w: window;  q Esc: end",
            columns,
          ),
          style: null,
        },
      ],
    },
    { spans: [] },
  ];
  const height = Math.max(1, rows - 3);
  const wide = Math.max(1, Math.floor(columns / 30));
  const perPage = height * wide;
  const start = Math.floor(view.at / perPage) * perPage;
  for (let y = 0; y < height; y++) {
    const spans: StyledLine["spans"][number][] = [];
    for (let x = 0; x < wide; x++) {
      const index = start + x * height + y;
      const field = FIELDS[window.order[index] ?? -1];
      if (field === undefined) continue;
      const shown = window.shown[index] === true;
      const text = fitColumns(`${shown ? "* " : "  "}${field.name.padEnd(8)}= ${field.about}`, 29);
      const here = index === view.at;
      spans.push(
        { text, style: here ? { reverse: true, bold: view.moving } : { bold: shown } },
        { text: " ", style: null },
      );
    }
    lines.push({ spans });
  }
  return lines;
}

const TARGETS = ["summary", "messages", "header", "tasks"] as const;

export function colorsPage(session: Session, view: Extract<View, { kind: "colors" }>): StyledLine[] {
  const window = currentWindow(session);
  const { palette } = window;
  const style = (target: (typeof TARGETS)[number], reverse = false) => ({
    ...(window.colors && !session.monochrome ? { foreground: palette[target] } : {}),
    ...(reverse ? { reverse: true } : { bold: !window.noBold }),
  });
  const line = (text: string, own: StyledLine["spans"][number]["style"] = null): StyledLine => ({
    spans: [{ text: cutToColumns(text, session.columns), style: own }],
  });
  const names = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
  return [
    line(fitColumns(`Colours of window ${session.settings.current + 1}:${window.name}`, session.columns), {
      reverse: true,
    }),
    line(""),
    line("   top - 04:25:44 up 8 days, 50 min,  7 users,  load average: 0.10, 0.20, 0.30", style("summary")),
    line("   Tasks:  64 total,   2 running,  62 sleeping,   0 stopped,   0 zombie", style("summary")),
    line("   A message, or a question", style("messages", true)),
    line("     PID USER      PR  NI    VIRT    RES S  %CPU COMMAND", style("header", true)),
    line("    1234 root      20   0   10000   2000 R   1.0 a running task", style("tasks")),
    line(""),
    line(`   S summary  M messages  H heading  T tasks: now ${view.target}`),
    line(`   ${names.map((name, i) => `${i} ${name}`).join("  ")}: now ${palette[view.target]}`),
    line(
      `   z colours ${window.colors ? "on" : "off"}   b ${window.highBold ? "bold" : "reverse"}   B bold ${window.noBold ? "off" : "on"}`,
    ),
    line(session.monochrome ? "   NO_COLOR or the terminal forbids colours" : ""),
    line("   a w: another window;  Enter: keep;  q Esc: as before"),
  ];
}

export function detailPage(session: Session, view: Extract<View, { kind: "detail" }>): StyledLine[] {
  const row = rowOfPid(session, view.pid);
  const foot = `${view.environment ? "e: hide" : "e: show"} environment;  arrows: scroll;  k r: signal, renice;  q, Esc: back`;
  const tasks = session.frame?.view;
  if (row < 0 || tasks === undefined) {
    return paintPage(session, `Process ${view.pid} has ended`, [], 0, "q, Esc: back");
  }
  const status = tasks.file(row, "status") ?? "";
  const value = (key: string): string => new RegExp(`^${key}:[ \\t]*(.*)$`, "m").exec(status)?.[1] ?? "-";
  const percent = cpuPercent(tasks, row);
  const body: string[] = [];
  const add = (label: string, text: string): void => {
    body.push(`${label.padEnd(13)} ${tasks.safe(text)}`);
  };
  add("command line", tasks.command(row, true));
  add("executable", tasks.link(row, "exe") ?? "-");
  add("directory", tasks.link(row, "cwd") ?? "-");
  add(
    "state",
    `${value("State")}, parent ${value("PPid")}, ${value("Threads")} threads, user ${tasks.userName(Number(value("Uid").split("\t")[0]))}`,
  );
  const ticks =
    (tasks.table.rows[row * tasks.stride + 12] ?? 0) + (tasks.table.rows[row * tasks.stride + 13] ?? 0);
  add(
    "cpu",
    `${percent === null ? "-" : fixed(percent, 1)} %, time ${scaleTime(ticks, tasks.ticksPerSecond, 9, 0, true)}, allowed ${value("Cpus_allowed_list")}`,
  );
  add(
    "memory",
    `resident ${value("VmRSS")} (anon ${value("RssAnon")}, file ${value("RssFile")}, shmem ${value("RssShmem")}), peak ${value("VmHWM")}, swap ${value("VmSwap")}, virtual ${value("VmSize")}`,
  );
  const io = tasks.file(row, "io");
  add("io", io === null ? "-" : io.trim().replace(/\n/g, ", "));
  add(
    "oom",
    `score ${(tasks.file(row, "oom_score") ?? "-").trim()}, adjustment ${(tasks.file(row, "oom_score_adj") ?? "-").trim()}`,
  );
  for (const line of (tasks.file(row, "cgroup") ?? "").split("\n"))
    if (line !== "" && !line.endsWith(":/")) add("cgroup", line);
  body.push("");
  addLimits(body, tasks.file(row, "limits"));
  addThreads(session, view.pid, body);
  addOpenFiles(session, view.pid, body);
  if (view.environment) {
    body.push("", "environment");
    const text = tasks.file(row, "environ");
    if (text === null) body.push("  - (not readable)");
    else for (const one of text.split("\0")) if (one !== "") body.push(`  ${tasks.safe(one)}`);
  }
  view.scroll = Math.max(0, Math.min(view.scroll, body.length - 1));
  return paintPage(session, `Process ${view.pid}: ${tasks.command(row, false)}`, body, view.scroll, foot);
}

function addLimits(body: string[], text: string | null): void {
  body.push("limits (soft, hard)");
  if (text === null) body.push("  -");
  else for (const line of text.split("\n").slice(1)) if (line.trim() !== "") body.push(`  ${line.trimEnd()}`);
}

const LISTED_MOST = 200;

function addThreads(session: Session, pid: number, body: string[]): void {
  const { system } = session;
  const names = system.readDirectory(`/proc/${pid}/task`);
  if (typeof names === "number") return;
  body.push("", `threads (${names.length})`);
  for (const name of names.slice(0, LISTED_MOST)) {
    const stat = system.readText(`/proc/${pid}/task/${name}/stat`);
    const found =
      typeof stat === "number" ? null : /^\d+ \(([\s\S]*)\) (\S) (?:\S+ ){10}(\d+) (\d+)/.exec(stat);
    if (found === null) continue;
    const ticks = Number(found[3]) + Number(found[4]);
    const time = scaleTime(ticks, system.clockTicksPerSecond, 9, 0, true);
    body.push(
      `  ${name.padStart(7)} ${found[2]} ${time.padStart(9)} ${session.frame?.view.safe(found[1] ?? "") ?? ""}`,
    );
  }
}

function addOpenFiles(session: Session, pid: number, body: string[]): void {
  const { system } = session;
  const names = system.readDirectory(`/proc/${pid}/fd`);
  body.push("", typeof names === "number" ? "open files: not readable" : `open files (${names.length})`);
  if (typeof names === "number") return;
  for (const name of names.slice(0, LISTED_MOST)) {
    const target = system.readLink(`/proc/${pid}/fd/${name}`);
    if (typeof target === "string")
      body.push(`  ${name.padStart(5)} ${session.frame?.view.safe(target) ?? ""}`);
  }
}

const CGROUPS_MOST = 300;
const DEPTH_MOST = 6;

interface CgroupRow {
  readonly path: string;
  readonly depth: number;
  readonly usageUsec: number | null;
  readonly memoryBytes: number | null;
  readonly pids: number | null;
}

/** The container's cgroup and what is below it, with what each uses. */
export function cgroupsPage(session: Session, view: Extract<View, { kind: "cgroups" }>): StyledLine[] {
  const rows = readCgroups(session);
  const now = session.system.monotonicSeconds();
  const before = session.cgroupHistory;
  const seconds = before === null ? 0 : now - before.seconds;
  const body = [`${"CPU%".padStart(7)} ${"MEMORY".padStart(10)} ${"TASKS".padStart(6)}  CGROUP`];
  for (const row of rows) {
    const last = before?.usage.get(row.path);
    const cpu =
      row.usageUsec === null || last === undefined || seconds <= 0
        ? "-"
        : fixed(Math.max(0, row.usageUsec - last) / seconds / 1e4, 1);
    const memory = row.memoryBytes === null ? "-" : `${fixed(row.memoryBytes / 1048576, 1)}M`;
    const name = row.depth === 0 ? "." : (row.path.split("/").pop() ?? "");
    const safe = session.frame?.view.safe(name) ?? "";
    body.push(
      `${cpu.padStart(7)} ${memory.padStart(10)} ${String(row.pids ?? "-").padStart(6)}  ${"  ".repeat(row.depth)}${safe}`,
    );
  }
  if (rows.length === 0) body.push("no cgroup can be seen");
  if (before === null || seconds >= 0.5) {
    const usage = new Map<string, number>();
    for (const row of rows) if (row.usageUsec !== null) usage.set(row.path, row.usageUsec);
    session.cgroupHistory = { seconds: now, usage };
  }
  view.scroll = Math.max(0, Math.min(view.scroll, body.length - 1));
  return paintPage(session, "Cgroups of this container", body, view.scroll, "arrows: scroll;  q, Esc: back");
}

function readCgroups(session: Session): CgroupRow[] {
  const { system, frames } = session;
  const { container } = frames;
  const memory = container.location("memory") ?? container.location("unified");
  if (memory === null) return [];
  const cpu = container.location("cpuacct");
  const pids = container.location("pids");
  const rows: CgroupRow[] = [];
  const walk = (relative: string, depth: number): void => {
    if (rows.length >= CGROUPS_MOST) return;
    const at = (top: string | undefined): string => `${top ?? ""}${relative}`;
    const v2 = memory.version === 2;
    rows.push({
      path: at(memory.directory),
      depth,
      usageUsec:
        cpu === null
          ? null
          : cpu.version === 2
            ? (attempt(system, at(cpu.directory), cpuStat).value?.usage_usec ?? null)
            : attempt(system, at(cpu.directory), cpuacctUsage).value,
      memoryBytes: attempt(system, at(memory.directory), v2 ? memoryCurrent : memoryUsageInBytes).value,
      pids:
        pids === null
          ? null
          : attempt(system, at(pids.directory), pids.version === 2 ? pidsCurrent : pidsCurrentV1).value,
    });
    const names = system.readDirectory(at(memory.directory));
    if (typeof names === "number" || depth >= DEPTH_MOST) return;
    for (const name of names.slice().sort()) {
      const status = system.lstat(`${at(memory.directory)}/${name}`);
      if (typeof status !== "number" && isDirectory(status)) walk(`${relative}/${name}`, depth + 1);
    }
  };
  walk("", 0);
  return rows;
}

export function filtersPage(session: Session): StyledLine[] {
  const { others, user, find } = currentState(session);
  const list = [
    ...others.map((filter) => filter.raw),
    ...(user === null ? [] : [`user ${user.include ? "" : "not "}${user.uid}`]),
    ...(find === "" ? [] : [`text ${find}`]),
  ];
  return paintPage(
    session,
    "Filters of this window",
    list.length === 0 ? ["none"] : list,
    0,
    "=: none;  q, Esc, Enter: back",
  );
}

/** What colour keys change. */
export function colorTarget(letter: string): keyof TopWindow["palette"] | null {
  return TARGETS.find((target) => target.charAt(0).toUpperCase() === letter) ?? null;
}
