import { expect, test } from "vitest";
import { openContainer } from "../../lib/container/container.ts";
import { PROCESS_COLUMN, SCAN_STRIDE } from "../../lib/procfs/process_scan.ts";
import { memorySystem } from "../../lib/system/testing/memory_system.ts";
import { countTasks, type OtherFilter, selectTasks, sortTasks, treePrefix, treeTasks } from "./compute.ts";
import { signalNumber } from "./key_processes.ts";
import { parseFilter } from "./key_search.ts";
import type { FieldStyle } from "./render_field_kinds.ts";
import { FIELDS, fieldIndex } from "./render_fields.ts";
import { headerText, layoutColumns, rowText } from "./render_rows.ts";
import type { TaskSample } from "./tasks.ts";
import { makeView, readNames } from "./view.ts";

const STYLE: FieldStyle = {
  taskScale: 0,
  zeros: true,
  cumulativeTime: false,
  commandLine: false,
  timeTarget: 0,
};

interface Task {
  readonly pid: number;
  readonly ppid?: number;
  readonly comm?: string;
  readonly state?: string;
  readonly ticks?: number;
  readonly start?: number;
  readonly threads?: number;
  readonly uid?: number;
}

function sample(tasks: readonly Task[], monotonicSeconds: number): TaskSample {
  const rows = new Float64Array(tasks.length * SCAN_STRIDE).fill(Number.NaN);
  tasks.forEach((task, i) => {
    const put = (column: keyof typeof PROCESS_COLUMN, value: number): void => {
      rows[i * SCAN_STRIDE + PROCESS_COLUMN[column]] = value;
    };
    put("pid", task.pid);
    put("ppid", task.ppid ?? 0);
    put("state", (task.state ?? "S").charCodeAt(0));
    put("utime", task.ticks ?? 0);
    put("stime", 0);
    put("starttime", task.start ?? task.pid);
    put("num_threads", task.threads ?? 1);
    put("uid", task.uid ?? 0);
    for (const column of [
      "size",
      "resident",
      "shared",
      "text",
      "data",
      "rss",
      "vsize",
      "priority",
      "nice",
      "majflt",
      "minflt",
    ] as const)
      put(column, 0);
  });
  return {
    count: tasks.length,
    rows,
    comms: tasks.map((task) => task.comm ?? `task${task.pid}`),
    cmdlines: tasks.map((task) => `${task.comm ?? `task${task.pid}`}\0--flag\0`),
    tgids: null,
    monotonicSeconds,
    uptimeSeconds: 1000,
  };
}

function view(before: readonly Task[] | null, after: readonly Task[], options = {}) {
  const system = memorySystem({ "/proc/1/cgroup": "0::/\n", "/etc/passwd": "root:x:0:0::/:\n" });
  const container = openContainer(system, { host: true, cgroup: null });
  return makeView(
    container,
    readNames(container, true),
    before === null ? null : sample(before, 10),
    sample(after, 12),
    { before: new Map(), now: new Map() },
    { threads: false, irix: true, cpus: 4, totalMemoryKib: 1024, utf8: true, ...options },
  );
}

const cpu = (shown: ReturnType<typeof view>, row: number): string =>
  FIELDS[fieldIndex("%CPU")]?.text(shown, row, STYLE, 5) ?? "";

test("%CPU: ticks over the measured time, within threads and CPUs", () => {
  const before = [
    { pid: 1, ticks: 100 },
    { pid: 2, ticks: 0, threads: 9 },
    { pid: 3, ticks: 50 },
  ];
  const after = [
    { pid: 1, ticks: 200 },
    { pid: 2, ticks: 5000, threads: 9 },
    { pid: 3, ticks: 50 },
    { pid: 4, ticks: 30 },
  ];
  const shown = view(before, after);
  expect([0, 1, 2, 3].map((row) => cpu(shown, row))).toEqual(["50.0", "400.0", "0.0", "15.0"]);
  expect(cpu(view(before, after, { irix: false }), 0)).toBe("12.5");
});

test("one look only: - and never 0", () => {
  expect(cpu(view(null, [{ pid: 1, ticks: 5 }]), 0)).toBe("-");
});

test("a pid used anew counts from its start, a counter that went back counts nothing", () => {
  const shown = view(
    [
      { pid: 5, ticks: 1000, start: 1 },
      { pid: 6, ticks: 10 },
    ],
    [
      { pid: 5, ticks: 20, start: 900 },
      { pid: 6, ticks: 5 },
    ],
  );
  expect([cpu(shown, 0), cpu(shown, 1)]).toEqual(["10.0", "0.0"]);
});

test("order: high to low, equal ones by pid; texts too", () => {
  const shown = view(
    [{ pid: 1 }, { pid: 2 }, { pid: 3 }, { pid: 4 }],
    [
      { pid: 1, comm: "b" },
      { pid: 2, ticks: 9, comm: "c" },
      { pid: 3, comm: "a" },
      { pid: 4, ticks: 30, comm: "d" },
    ],
  );
  const sorted = (name: string, highToLow: boolean): number[] => {
    const rows = [0, 1, 2, 3];
    sortTasks(shown, rows, { field: fieldIndex(name), highToLow }, STYLE);
    return rows.map((row) => row + 1);
  };
  expect(sorted("%CPU", true)).toEqual([4, 2, 1, 3]);
  expect(sorted("%CPU", false)).toEqual([1, 3, 2, 4]);
  expect(sorted("PID", true)).toEqual([4, 3, 2, 1]);
  expect(sorted("COMMAND", false)).toEqual([3, 1, 2, 4]);
});

test("states are counted as procps does", () => {
  const states = ["R", "S", "D", "T", "t", "Z", "I"].map((state, i) => ({ pid: i + 1, state }));
  expect(countTasks(sample(states, 0))).toEqual({ total: 7, running: 1, sleeping: 3, stopped: 2, zombie: 1 });
});

test("the tree: children below parents by start, orphans as roots, a cycle loses nobody", () => {
  const shown = view(
    [],
    [
      { pid: 1 },
      { pid: 2, ppid: 1, start: 50 },
      { pid: 3, ppid: 1, start: 40 },
      { pid: 4, ppid: 3, start: 60, ticks: 10 },
      { pid: 7, ppid: 99, start: 70 },
      { pid: 8, ppid: 9, start: 80 },
      { pid: 9, ppid: 8, start: 81 },
    ],
  );
  const rows = [0, 1, 2, 3, 4, 5, 6];
  const pids = (collapsed: readonly number[]): string[] =>
    treeTasks(shown, rows, new Set(collapsed)).map(
      (task) => `${treePrefix(task)}${shown.table.comms[task.row]}`,
    );
  expect(pids([])).toEqual([
    "task1",
    " `- task3",
    "     `- task4",
    " `- task2",
    "task7",
    "task8",
    " `- task9",
  ]);
  expect(pids([3])).toEqual(["task1", "+`- task3", " `- task2", "task7", "task8", " `- task9"]);
});

test("a chain of 5000 processes is a tree, too", () => {
  const chain = Array.from({ length: 5000 }, (_, i) => ({ pid: i + 1, ppid: i }));
  expect(
    treeTasks(
      view([], chain),
      chain.map((_, i) => i),
      new Set(),
    ).length,
  ).toBe(5000);
});

test("filters: user, idle, other fields, text", () => {
  const shown = view(
    [{ pid: 1 }, { pid: 2 }],
    [
      { pid: 1, uid: 5 },
      { pid: 2, ticks: 3, comm: "Other" },
    ],
  );
  const all = { user: null, others: [] as OtherFilter[], find: "", idle: true };
  const fields = FIELDS.map((_, i) => i);
  expect(selectTasks(shown, { ...all, user: { uid: 5, any: false, include: true } }, fields, STYLE)).toEqual([
    0,
  ]);
  expect(selectTasks(shown, { ...all, user: { uid: 5, any: false, include: false } }, fields, STYLE)).toEqual(
    [1],
  );
  expect(selectTasks(shown, { ...all, idle: false }, fields, STYLE)).toEqual([1]);
  expect(selectTasks(shown, { ...all, find: "OTH" }, fields, STYLE)).toEqual([1]);
  const filter = (text: string, sensitive = false): number[] => {
    const parsed = parseFilter(text, sensitive);
    if (typeof parsed === "string") throw new Error(parsed);
    return selectTasks(shown, { ...all, others: [parsed] }, fields, STYLE);
  };
  expect(filter("COMMAND=other")).toEqual([1]);
  expect(filter("COMMAND=other", true)).toEqual([]);
  expect(filter("!COMMAND=other")).toEqual([0]);
  expect(filter("PID>1")).toEqual([1]);
  expect(filter("PID<2")).toEqual([0]);
});

test("what is wrong with a filter", () => {
  expect(parseFilter("COMMAND", false)).toBe("include: no =, < or > in it");
  expect(parseFilter("!FOO=1", false)).toBe("no field FOO");
  expect(parseFilter("!PID=", false)).toBe("exclude: no value behind it");
});

test("signals by number and name", () => {
  expect(["9", "KILL", "sigkill", " 15 ", "0", "64"].map(signalNumber)).toEqual([9, 9, 9, 15, 0, 64]);
  expect(["65", "x", "", "-1", "SIG"].map(signalNumber)).toEqual([null, null, null, null, null]);
});

test("rows are as wide as the screen, whatever stands in them", () => {
  const shown = view(
    [],
    [
      { pid: 1234567, comm: "日本語\x1b[2Jx" },
      { pid: 2, uid: 123456789 },
    ],
  );
  const fields = ["PID", "USER", "%CPU", "COMMAND"].map(fieldIndex);
  const columns = layoutColumns({
    fields,
    skip: 0,
    screenColumns: 40,
    pidDigits: 5,
    cpuDigits: 1,
    widen: 0,
    rightNumbers: true,
    leftTexts: true,
    indent: 0,
  });
  expect(headerText(columns, "")).toBe("  PID USER      %CPU COMMAND            ");
  expect(rowText(shown, 0, columns, STYLE, "").trimEnd()).toBe("1234+ root       0.0 日本語?[2Jx");
  expect(rowText(shown, 1, columns, STYLE, "").slice(0, 15)).toBe("    2 1234567+ ");
});

test("a task that has ended before its owner was read is nobody's, not root's", () => {
  const container = openContainer(memorySystem({}), { host: true, cgroup: null });
  const ended = sample([{ pid: 77, uid: Number.NaN }], 1);
  const view = makeView(
    container,
    readNames(container, true),
    null,
    ended,
    { before: new Map(), now: new Map() },
    { threads: false, irix: true, cpus: 1, totalMemoryKib: null, utf8: true },
  );
  const text = (name: string): string => FIELDS[fieldIndex(name)]?.text(view, 0, STYLE, 8) ?? "";
  expect(["UID", "USER", "GID", "GROUP"].map(text)).toEqual(["-", "?", "-", "?"]);
  const user = { uid: 0, any: false, include: true };
  expect(selectTasks(view, { user, others: [], find: "", idle: true }, [], STYLE)).toEqual([]);
});
