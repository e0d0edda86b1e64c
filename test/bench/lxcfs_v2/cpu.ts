/** CPUs, what is used of them, uptime, waiting, disks, and a reader in a cgroup below the container's. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Look, lastDocument, limitOf, lookOf, numberOf } from "./results.ts";
import type { Score } from "./score.ts";

const CPUS = 4;

/** Members of "0-2,5". */
function membersOf(list: string): number {
  const ranges = list.trim().split(",").filter(Boolean);
  return ranges.reduce((sum, range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return sum + last - first + 1;
  }, 0);
}

/** What the container may use: its effective CPUs, and the tightest quota above it. */
export function capacityOf(look: Look): number {
  const quotas = Array.from({ length: look.parents + 1 }, (_, i) => {
    const [quota = "max", period = "100000"] = look.kernel("cpu.max", i).trim().split(" ");
    return limitOf(quota) / Number(period);
  });
  return Math.min(membersOf(look.kernel("cpuset.cpus.effective")), ...quotas);
}

const matches = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;
const cpusShown = (look: Look, major: string): number => matches(look.lxcfs(major, "stat"), /^cpu\d+ /gm);

export function compareCpuCount(out: string, majors: readonly string[], score: Score): void {
  const whole = score.table("How many CPUs, of 4; a part of one counts as one; ours: `nproc`");
  const cases = [
    ["cpus/one", "one CPU of the set"],
    ["cpus/half", "quota 0.5"],
    ["cpus/one-and-a-half", "quota 1.5"],
    ["cpus/third-of-two", "2 CPUs of the set, quota 0.3, period 250 ms"],
    ["cpus/requested", "asks for 0-1, its parent has 0"],
    ["nested/tighter-seen", "0-2 and quota 0.5 above, 1-3 and quota 2 of its own; visible inside"],
    ["nested/tighter-hidden", "the same, hidden"],
    ["nested/tighter-registered", "the same, hidden, told by `procg host`"],
  ] as const;
  const looks = cases.map(([folder, what]) => ({ what, look: lookOf(out, folder) }));
  for (const { what, look } of looks) {
    const truth = Math.ceil(capacityOf(look));
    // Files that say the same share a row.
    const rows = new Map<string, { files: string[]; counts: number[] }>();
    for (const [file, count] of [
      ["/proc/stat", (major: string) => cpusShown(look, major)],
      ["cpuinfo", (major: string) => matches(look.lxcfs(major, "cpuinfo"), /^processor/gm)],
      ["cpu/online", (major: string) => membersOf(look.lxcfs(major, "online"))],
      ["sched_getaffinity", (major: string) => Number(look.lxcfs(major, "nproc"))],
    ] as const) {
      const counts = majors.map(count);
      const row = rows.get(counts.join()) ?? { files: [], counts };
      row.files.push(file);
      rows.set(counts.join(), row);
    }
    for (const { files, counts } of rows.values())
      whole({
        what: `${what}: ${files.join(", ")}`,
        truth,
        lxcfs: counts,
        ours: look.ours("nproc").cpus,
        tolerance: 0,
      });
  }
  const share = score.table(
    "What the container may use, in CPUs; lxcfs has whole ones; ours: `nproc --json`",
    2,
  );
  for (const { what, look } of looks)
    share({
      what,
      truth: capacityOf(look),
      lxcfs: majors.map((major) => cpusShown(look, major)),
      ours: look.ours("nproc").capacityCores,
      tolerance: 0.001,
    });
}

/** From the first to the last of the `cpu` lines, percent. */
function busyOf(text: string): number {
  const samples = text
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).slice(1, 9).map(Number));
  const [first = [], last = []] = [samples[0], samples.at(-1)];
  const delta = last.map((value, i) => value - (first[i] ?? 0));
  const idle = (delta[3] ?? 0) + (delta[4] ?? 0);
  const all = delta.reduce((sum, value) => sum + value, 0);
  return all === 0 ? 0 : (100 * (all - idle)) / all;
}

/** CPU used of the capacity, in percent, by cpu.stat and the guest's clock. */
export function usedOf(text: string, capacity: number): number {
  const rows = text
    .trim()
    .split("\n")
    .map((line) => line.split(" "));
  const [first = [], last = []] = [rows[0], rows.at(-1)];
  const seconds = Number(last[0]) - Number(first[0]);
  return ((Number(last[2]) - Number(first[2])) / 1e4 / seconds) * (1 / capacity);
}

export const CPU_CASES = [
  ["throttled", "3 busy threads, quota 0.5", 3],
  ["idle", "idle, a neighbour keeps 2 of 4 CPUs busy", 0],
  ["quarter", "1 busy thread, no quota, 4 CPUs", 1],
] as const;

export function compareCpu(out: string, majors: readonly string[], score: Score): void {
  const read = (...path: string[]): string => readFileSync(join(out, "cpu", ...path), "utf8");
  const none = majors.map(() => null);
  const used = score.table("CPU used, percent of what the container may use; /proc/stat; ours: `top`", 1);
  for (const [name, what] of CPU_CASES) {
    const from = lookOf(out, `cpu/${name}/from`);
    const capacity = capacityOf(from);
    const top = lastDocument(read(name, "top.json"));
    used({
      what,
      truth: usedOf(read(name, "usage"), capacity),
      lxcfs: majors.map((major) => busyOf(read(name, `stat-${major}`))),
      ours: 100 * (1 - top.cpu.idleRatio),
      tolerance: 3,
    });
    if (name !== "throttled") continue;
    const to = lookOf(out, `cpu/${name}/to`);
    const periods = (key: string): number =>
      numberOf(to.kernel("cpu.stat"), key) - numberOf(from.kernel("cpu.stat"), key);
    used({
      what: `${what}: periods throttled; lxcfs has no file`,
      truth: (100 * periods("nr_throttled")) / periods("nr_periods"),
      lxcfs: none,
      ours: 100 * lastDocument(read(name, "metric.json")).cpu.throttling.throttledRatio,
      tolerance: 3,
    });
  }
  const threads = score.table("Running threads: procs_running; ours: `vmstat`");
  for (const [name, what, running] of CPU_CASES) {
    const look = lookOf(out, `cpu/${name}/to`);
    threads({
      what,
      truth: running,
      lxcfs: majors.map((major) => numberOf(look.lxcfs(major, "stat"), "procs_running")),
      ours: look.ours("vmstat").procs.running,
      tolerance: 0,
    });
  }
}

/** avg10 of the "some" line. */
const some = (text: string): number => Number(/^some avg10=([\d.]+)/m.exec(text)?.[1]);

export function comparePressure(out: string, majors: readonly string[], score: Score): void {
  const row = score.table("Pressure: some, avg10, percent; /proc/pressure; ours: `metric`", 1);
  const one = (folder: string, what: string, file: "cpu" | "io"): void => {
    const look = lookOf(out, folder);
    row({
      what,
      truth: some(look.kernel(`${file}.pressure`)),
      lxcfs: majors.map((major) => some(look.lxcfs(major, `pressure-${file}`))),
      ours: look.ours("metric").psi[file].some.avg10,
      tolerance: 3,
    });
  };
  one("cpu/throttled/to", "3 busy threads, quota 0.5: cpu", "cpu");
  one("cpu/idle/to", "idle beside busy neighbours, after it: cpu", "cpu");
  one("disk/neighbour-waits", "a neighbour waits for a throttled disk: io", "io");
}

export function compareUptime(out: string, majors: readonly string[], score: Score): void {
  const look = lookOf(out, "cpu/throttled/to");
  const init = look.kernel("init");
  const ticks = Number(init.slice(init.lastIndexOf(")") + 2).split(" ")[19]);
  const now = Number(look.kernel("uptime").split(" ")[0]);
  const age = now - ticks / 100;
  const fields = majors.map((major) => look.lxcfs(major, "uptime").split(" ").map(Number));
  const seconds = score.table("Age of the container, s", 1);
  seconds({
    what: "/proc/uptime, first field; ours: `uptime`",
    truth: age,
    // Read one after the other: as if at the same moment.
    lxcfs: fields.map(([up = Number.NaN], i) => up + now - Number(look.lxcfs(majors[i] ?? "", "read-at"))),
    ours: look.ours("uptime").uptimeSeconds + now - look.ours("read-at"),
    tolerance: 2,
  });
  const capacity = capacityOf(look);
  const idle = score.table(
    "Idle since its start, percent of what it may use; /proc/uptime, second field of the first times CPUs; ours: `vmstat`",
    1,
  );
  idle({
    what: "3 busy threads, quota 0.5, most of the time",
    truth: 100 * (1 - numberOf(look.kernel("cpu.stat"), "usage_usec") / 1e6 / (age * capacity)),
    lxcfs: fields.map(([up = Number.NaN, sleeping = Number.NaN], i) => {
      return (100 * sleeping) / (up * cpusShown(look, majors[i] ?? ""));
    }),
    ours: 100 * look.ours("vmstat").cpu.idleRatio,
    tolerance: 4,
  });
}

export function compareDisk(out: string, majors: readonly string[], score: Score): void {
  const [from, to] = [lookOf(out, "disk/from"), lookOf(out, "disk/to")];
  const name = readFileSync(join(out, "disk/name"), "utf8").trim();
  const kernel = (look: Look): number =>
    [...look.kernel("io.stat").matchAll(/ rbytes=(\d+)/g)].reduce((sum, match) => sum + Number(match[1]), 0);
  const sectors = (look: Look, major: string): number =>
    Number(new RegExp(` ${name} \\d+ \\d+ (\\d+)`).exec(look.lxcfs(major, "diskstats"))?.[1]) * 512;
  const ours = (look: Look): number =>
    look
      .ours("iostat")
      .devices.reduce((sum: number, device: { readBytes: number }) => sum + device.readBytes, 0);
  const row = score.table("Read from the disk around the page cache, kB; /proc/diskstats; ours: `iostat`");
  row({
    what: "20 MB by the container, 60 MB by a neighbour",
    truth: (kernel(to) - kernel(from)) / 1024,
    lxcfs: majors.map((major) => (sectors(to, major) - sectors(from, major)) / 1024),
    ours: (ours(to) - ours(from)) / 1024,
    tolerance: 64,
  });
}

export function compareReader(out: string, majors: readonly string[], score: Score): void {
  const look = lookOf(out, "reader/sub");
  const row = score.table(
    "Container of 256 MiB and quota 1.5; 40 MB in a cgroup below (64 MiB, quota 0.5), where the reader is; kB",
  );
  const limit = Number(look.kernel("memory.max"));
  const stat = look.kernel("memory.stat");
  const reclaimable = ["active_file", "inactive_file", "slab_reclaimable"];
  const available =
    limit -
    Number(look.kernel("memory.current")) +
    reclaimable.reduce((sum, key) => sum + numberOf(stat, key), 0);
  const free = look.ours("free").memory;
  for (const [key, truth, ours] of [
    ["MemTotal", limit, free.totalBytes],
    ["MemAvailable", available, free.availableBytes],
  ] as const)
    row({
      what: `of the container: ${key}`,
      truth: truth / 1024,
      lxcfs: majors.map((major) => numberOf(look.lxcfs(major, "meminfo"), key)),
      ours: ours / 1024,
      // The reader itself is in it.
      tolerance: 2048,
    });
  row({
    what: "of the container: CPUs",
    truth: Math.min(CPUS, Math.ceil(capacityOf(look))),
    lxcfs: majors.map((major) => cpusShown(look, major)),
    ours: look.ours("nproc").cpus,
    tolerance: 0,
  });
  const self = (tool: string) => lastDocument(readFileSync(join(out, `reader/self/${tool}.json`), "utf8"));
  row({
    what: "of the reader's cgroup: MemTotal (ours with --cgroup self; lxcfs cannot)",
    truth: 64 * 1024,
    lxcfs: majors.map(() => null),
    ours: self("free").memory.totalBytes / 1024,
    tolerance: 0,
  });
}
