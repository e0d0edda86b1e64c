/** Memory and CPU counts: what lxcfs says (through the classic tools), what ours say, and the kernel's files read from outside. */
import { join } from "node:path";
import { openTable } from "../report/report.ts";
import {
  type Container,
  end,
  loadBeside,
  MIB,
  PROCG,
  readBeside,
  setLimit,
  startContainer,
  workFolder,
} from "./stage.ts";

const COLUMNS = ["situation", "truth", "lxcfs", "error", "ours", "error"];
const WIDTHS = [52, 9, 9, 8, 9, 8];

/** The columns of free -k: total used free shared buff/cache available. null: "-". */
function freeRow(text: string): (number | null)[] {
  const words = (/^Mem:(.*)$/m.exec(text)?.[1] ?? "").trim().split(/\s+/);
  return words.map((word) => (word === "-" ? null : Number(word)));
}

const shown = (value: number | null): string => (value === null ? "-" : `${Math.round(value)}`);
const difference = (value: number | null, truth: number): string =>
  value === null ? "" : `${Math.round(value - truth)}`;

/** A loss: ours is further from the truth than lxcfs, by more than the kernel's batching of its counters (32 pages for each CPU). */
function isWorse(ours: number | null, theirs: number | null, truth: number): boolean {
  if (theirs === null) return false;
  return ours === null || Math.abs(ours - truth) > Math.abs(theirs - truth) + 256;
}

interface Truth {
  readonly used: number;
  readonly shared: number;
  readonly available: number;
}

/** kB, by the kernel's own files from outside. What v1 does not publish (slab) is not reclaimable for anybody. */
function truthOf(container: Container): Truth {
  const limit = Number(container.read("memory", "memory.limit_in_bytes"));
  const usage = Number(container.read("memory", "memory.usage_in_bytes"));
  const file = container.memoryStat("total_active_file") + container.memoryStat("total_inactive_file");
  return {
    used: (usage - file) / 1024,
    shared: container.memoryStat("total_shmem") / 1024,
    available: (limit - usage + file) / 1024,
  };
}

export async function benchMemory(): Promise<void> {
  const file = join(workFolder, "pages");
  // Written from outside, dropped from the page cache: who reads it is charged.
  const writer = await loadBeside("writer", "-w", "100", "-f", file);
  await end(writer);
  const container = await startContainer("memory", {
    limits: [["memory", "memory.limit_in_bytes", 256 * MIB]],
  });
  const table = openTable("Memory of a container of 256 MiB, kB", COLUMNS, WIDTHS);
  const step = (what: string): void => {
    const theirs = freeRow(container.output("lxcfs", "free", "-k"));
    const truth = truthOf(container);
    const ours = freeRow(container.output("plain", PROCG, "free", "-k"));
    const one = (name: keyof Truth, column: number): void => {
      const [lxcfs = null, mine = null] = [theirs[column], ours[column]];
      const want = truth[name];
      table.row(
        [
          `${what}: ${name}`,
          shown(want),
          shown(lxcfs),
          difference(lxcfs, want),
          shown(mine),
          difference(mine, want),
        ],
        isWorse(mine, lxcfs, want),
      );
    };
    one("used", 1);
    one("available", 5);
    if (what.includes("shm")) one("shared", 3);
  };
  step("idle");
  const anonymous = await container.load("-m", "150");
  step("150 MB anonymous");
  await end(anonymous);
  const cache = await container.load("-r", file);
  step("100 MB of a file read");
  const shm = await container.load("-s", "80");
  step("and 80 MB in /dev/shm");
  const more = await container.load("-m", "60");
  step("and 60 MB anonymous");
  await end(more);
  container.write("memory", "memory.limit_in_bytes", 200 * MIB);
  step("shm, limit lowered to 200 MiB while it runs");
  for (const child of [cache, shm]) await end(child);
}

/** A neighbour below the same limited parent: what can be got is what the parent has left. */
export async function benchSibling(): Promise<void> {
  const table = openTable(
    "Parent of 300 MiB, a neighbour uses 200 MB, no limit of its own: available, kB",
    COLUMNS,
    WIDTHS,
  );
  for (const view of ["tree", "own"] as const) {
    const parent = `parent-${view}`;
    setLimit(parent, "memory", "memory.limit_in_bytes", 300 * MIB);
    const container = await startContainer(`${parent}/ours`, { view });
    const neighbour = await loadBeside(`${parent}/neighbour`, "-m", "200");
    const stat = readBeside(parent, "memory", "memory.stat");
    const key = (name: string): number => Number(new RegExp(`^${name} (\\d+)$`, "m").exec(stat)?.[1]);
    const usage = Number(readBeside(parent, "memory", "memory.usage_in_bytes"));
    const truth = (300 * MIB - usage + key("total_active_file") + key("total_inactive_file")) / 1024;
    const theirs = freeRow(container.output("lxcfs", "free", "-k"))[5] ?? null;
    const ours = freeRow(container.output("plain", PROCG, "free", "-k"))[5] ?? null;
    const what =
      view === "tree" ? "the parent is visible inside" : "the parent is hidden, as Docker mounts it";
    table.row(
      [what, shown(truth), shown(theirs), difference(theirs, truth), shown(ours), difference(ours, truth)],
      isWorse(ours, theirs, truth),
    );
    await end(neighbour);
  }
}

/** Where one of the two cannot know, and programs that nobody changed. */
export async function benchUnchanged(): Promise<void> {
  const limits = [["memory", "memory.limit_in_bytes", 256 * MIB]] as const;
  const own = await startContainer("unchanged", { limits });
  const none = await startContainer("nothing-mounted", { limits, view: "none" });
  const table = openTable("Total memory of a container of 256 MiB as programs see it, kB", COLUMNS, WIDTHS);
  const total = (text: string): number | null => freeRow(text)[0] ?? null;
  const row = (what: string, theirs: number | null, ours: number | null): void => {
    const truth = (256 * MIB) / 1024;
    table.row(
      [what, shown(truth), shown(theirs), difference(theirs, truth), shown(ours), difference(ours, truth)],
      isWorse(ours, theirs, truth),
    );
  };
  row(
    "free: procps with lxcfs, ours without",
    total(own.output("lxcfs", "free", "-k")),
    total(own.output("plain", PROCG, "free", "-k")),
  );
  row(
    "procps free, unchanged",
    total(own.output("lxcfs", "free", "-k")),
    total(own.output("plain", "free", "-k")),
  );
  const memTotal = (view: "lxcfs" | "plain"): number => {
    const text = own.output(view, "cat", "/proc/meminfo");
    return Number(/^MemTotal:\s+(\d+)/m.exec(text)?.[1]);
  };
  row("/proc/meminfo, as JVM, Node and monitoring agents read it", memTotal("lxcfs"), memTotal("plain"));
  const busybox = (view: "lxcfs" | "plain"): number | null =>
    total(own.output(view, "busybox", "free", "-k"));
  row("busybox free (sysinfo), unchanged", busybox("lxcfs"), busybox("plain"));
  row(
    "free, no cgroup mounted in the container",
    total(none.output("lxcfs", "free", "-k")),
    total(none.output("plain", PROCG, "free", "-k")),
  );
}

export async function benchCpuCount(): Promise<void> {
  const table = openTable(
    "How many CPUs",
    ["situation", "truth", "lxcfs: nproc, ONLN, cpuinfo, stat", "ours: nproc", "ours: capacityCores"],
    [40, 22, 34, 11, 19],
  );
  const cases: readonly (readonly [
    string,
    string,
    readonly (readonly ["cpuset" | "cpu", string, string | number])[],
  ])[] = [
    ["one CPU of the set", "1", [["cpuset", "cpuset.cpus", "0"]]],
    ["quota 0.5", "0.5 (2 in the set)", [["cpu", "cpu.cfs_quota_us", 50_000]]],
    ["quota 1.5", "1.5 (2 in the set)", [["cpu", "cpu.cfs_quota_us", 150_000]]],
  ];
  for (const [i, [what, truth, limits]] of cases.entries()) {
    const container = await startContainer(`count${i}`, { limits });
    const count = (...command: readonly string[]): string => container.output("lxcfs", ...command).trim();
    const theirs = [
      count("nproc"),
      count("getconf", "_NPROCESSORS_ONLN"),
      count("grep", "-c", "^processor", "/proc/cpuinfo"),
      count("grep", "-c", "^cpu[0-9]", "/proc/stat"),
    ];
    const ours = JSON.parse(container.output("plain", PROCG, "nproc", "--json"));
    table.row([what, truth, theirs.join(", "), `${ours.cpus}`, `${ours.capacityCores}`]);
  }
}

export async function benchDisk(): Promise<void> {
  const [file, foreign] = [join(workFolder, "read"), join(workFolder, "foreign")];
  for (const [path, size] of [
    [file, "20"],
    [foreign, "60"],
  ] as const)
    await end(await loadBeside("writer", "-w", size, "-f", path));
  const container = await startContainer("disk");
  const sectors = (view: "lxcfs" | "plain"): number => {
    const lines = container.output(view, "cat", "/proc/diskstats").trim().split("\n");
    // Whole disks: a partition's sectors are its disk's too.
    return Math.max(...lines.map((line) => line.trim().split(/\s+/)).map((words) => Number(words[5]) * 512));
  };
  const ours = (): number => {
    const { devices } = JSON.parse(container.output("plain", PROCG, "iostat", "--json"));
    return Math.max(0, ...devices.map((device: { readBytes: number }) => device.readBytes));
  };
  const truth = (): number => {
    const reads = container
      .read("blkio", "blkio.throttle.io_service_bytes")
      .matchAll(/^\d+:\d+ Read (\d+)$/gm);
    return Math.max(0, ...[...reads].map((match) => Number(match[1])));
  };
  const before = [truth(), sectors("lxcfs"), ours()];
  const load = await container.load("-r", file);
  const neighbour = await loadBeside("neighbour", "-r", foreign);
  const after = [truth(), sectors("lxcfs"), ours()];
  const [want = 0, theirs = 0, mine = 0] = after.map((value, i) =>
    Math.round((value - (before[i] ?? 0)) / 1024),
  );
  const table = openTable(
    "Bytes read from the disk: 20 MB by the container, 60 MB by a neighbour, kB",
    COLUMNS,
    WIDTHS,
  );
  table.row(
    [
      "/proc/diskstats; ours: iostat --json",
      `${want}`,
      `${theirs}`,
      `${theirs - want}`,
      `${mine}`,
      `${mine - want}`,
    ],
    Math.abs(mine - want) > Math.abs(theirs - want),
  );
  for (const child of [load, neighbour]) await end(child);
}
