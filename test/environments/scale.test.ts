/** Machines larger than any here: 30 000 processes, 4096 CPUs, 10 000 cgroups, as trees of files. Right numbers, and cost that grows with the size only. */
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { temporaryDirectory } from "../binary/spawn.ts";
import { captureDirectory } from "../fixtures/captures.ts";
import { binaryPath, hasBinary } from "../golden/run.ts";
import { EVERY_TOOL, expectEnded, startProcg } from "./every_tool.ts";

/** Ten times as much may cost this many times as much: linear, with room for a busy machine. */
const TENFOLD_MOST = 16;

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

function tree(capture: string): string {
  // In memory where there is such a file system: 30 000 directories take seconds on a disk.
  const folder = existsSync("/dev/shm") ? mkdtempSync("/dev/shm/procg-") : temporaryDirectory();
  made.push(folder);
  const root = join(folder, "root");
  cpSync(join(captureDirectory(capture), "t0"), root, { recursive: true, verbatimSymlinks: true });
  return root;
}

function put(root: string, path: string, text: string): void {
  const full = join(root, path);
  mkdirSync(dirname(full), { recursive: true });
  rmSync(full, { force: true });
  writeFileSync(full, text);
}

/** CPU seconds, user and system: the lesser of two runs. */
function cpuSeconds(args: readonly string[]): number {
  const runs = [0, 1].map(() => {
    const script = 'TIMEFORMAT="%U %S"; time "$@" > /dev/null';
    const run = spawnSync("bash", ["-c", script, "bash", binaryPath(), ...args], {
      encoding: "utf8",
      env: { TZ: "UTC" },
    });
    expect(run.status, run.stderr).toBe(0);
    const [user = 0, system = 0] = (run.stderr.trim().split("\n").pop() ?? "").split(" ").map(Number);
    return user + system;
  });
  return Math.min(...runs);
}

/** A list of 30 000 processes has nine megabytes. */
const json = (args: readonly string[]) => {
  const run = spawnSync(binaryPath(), args, { encoding: "utf8", env: { TZ: "UTC" }, maxBuffer: 2 ** 26 });
  expect([run.status, run.stderr]).toEqual([0, ""]);
  return JSON.parse(run.stdout);
};

describe.skipIf(!hasBinary())("processes", () => {
  const FIRST = 100_000;
  const withProcesses = (count: number): string => {
    const root = tree("v2-plain");
    const rest =
      "1 1 1 0 -1 4194560 90 0 0 0 5 3 0 0 20 0 1 0 100 2600960 200 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0";
    for (let i = 0; i < count; i++) {
      const pid = FIRST + i;
      mkdirSync(join(root, `proc/${pid}`));
      writeFileSync(
        join(root, `proc/${pid}/stat`),
        `${pid} (sleeper) ${i % 100 === 0 ? "R" : "S"} ${rest}\n`,
      );
    }
    return root;
  };

  test("30 000 processes: all are counted, at ten times the cost of 3000", () => {
    const [few, many] = [withProcesses(3000), withProcesses(30_000)];
    const own = json(["top", "-b", "-n1", "-d0.1", "--json", "--root", tree("v2-plain")]).tasks;
    const { tasks } = json(["top", "-b", "-n1", "-d0.1", "--json", "--root", many]);
    expect([tasks.total - own.total, tasks.running - own.running]).toEqual([30_000, 300]);
    expect(json(["vmstat", "--json", "--root", many]).procs.running).toBeGreaterThanOrEqual(300);
    for (const words of [["top", "-b", "-n1"], ["vmstat"]]) {
      const ratio =
        cpuSeconds([...words, "--root", many]) / Math.max(0.01, cpuSeconds([...words, "--root", few]));
      expect(ratio, words.join(" ")).toBeLessThan(TENFOLD_MOST);
    }
  }, 180_000);
});

describe.skipIf(!hasBinary())("CPUs", () => {
  const CPUS = 4096;
  const statOf = (root: string): void => {
    const stat = readFileSync(join(root, "proc/stat"), "utf8")
      .split("\n")
      .filter((line) => !line.startsWith("cpu"));
    const lines = Array.from({ length: CPUS }, (_, i) => `cpu${i} 100 0 50 1000 5 0 1 0 0 0`);
    put(
      root,
      "proc/stat",
      [`cpu ${CPUS * 100} 0 ${CPUS * 50} ${CPUS * 1000} 5 0 1 0 0 0`, ...lines, ...stat].join("\n"),
    );
    for (const name of ["online", "possible", "present"])
      put(root, `sys/devices/system/cpu/${name}`, `0-${CPUS - 1}\n`);
  };

  test("4096 of them on v2, with a quota and without", () => {
    const root = tree("v2-plain");
    statOf(root);
    put(root, "sys/fs/cgroup/cpuset.cpus.effective", `0-${CPUS - 1}\n`);
    put(root, "sys/fs/cgroup/cpu.max", "max 100000\n");
    expect(json(["nproc", "--json", "--root", root])).toMatchObject({
      cpus: CPUS,
      capacityCores: CPUS,
      hostCpus: CPUS,
    });
    put(root, "sys/fs/cgroup/cpu.max", "200050000 100000\n");
    expect(json(["nproc", "--json", "--root", root])).toMatchObject({ cpus: 2001, quotaCores: 2000.5 });
    put(
      root,
      "sys/fs/cgroup/cpuset.cpus.effective",
      `${Array.from({ length: CPUS / 2 }, (_, i) => i * 2).join(",")}\n`,
    );
    expect(json(["nproc", "--json", "--root", root])).toMatchObject({ cpus: 2001, capacityCores: 2000.5 });
    for (const words of EVERY_TOOL) {
      if (words[0] === "host" || words[0] === "loadcalc") continue;
      expectEnded(
        words.join(" "),
        startProcg([], [...words, ...(words[0] === "--list" ? [] : ["--root", root])]),
      );
    }
  });

  test("4096 of them on v1, each with a counter of its own", () => {
    const root = tree("docker-v1-private");
    statOf(root);
    const cpuset = "sys/fs/cgroup/cpuset";
    for (const name of ["cpuset.cpus", "cpuset.effective_cpus"])
      put(root, `${cpuset}/${name}`, `0-${CPUS - 1}\n`);
    const usage = Array.from({ length: CPUS }, (_, i) => 1_000_000_000 + i);
    put(root, "sys/fs/cgroup/cpuacct/cpuacct.usage_percpu", `${usage.join(" ")}\n`);
    put(
      root,
      "sys/fs/cgroup/cpuacct/cpuacct.usage_all",
      `cpu user system\n${usage.map((ns, i) => `${i} ${ns} 5\n`).join("")}`,
    );
    const { cpu } = json(["metric", "--json", "--root", root]);
    expect(Object.keys(cpu.percpuUs)).toHaveLength(CPUS);
    const lines = startProcg([], ["top", "-b", "-n1", "-1", "--root", root]);
    expect(lines.code, lines.stderr).toBe(0);
  });
});

describe.skipIf(!hasBinary())("cgroups", () => {
  const V1 = "sys/fs/cgroup/memory";
  const KEYS = [
    "cache",
    "rss",
    "shmem",
    "inactive_file",
    "active_file",
    "inactive_anon",
    "active_anon",
    "swap",
  ];
  const CHILD_STAT = KEYS.flatMap((key) => [`${key} 0\n`, `total_${key} 0\n`]).join("");
  const withCgroups = (count: number): string => {
    const root = tree("docker-v1-private");
    put(root, `${V1}/memory.use_hierarchy`, "0\n");
    for (let i = 0; i < count; i++) {
      const directory = `${V1}/group-${i}`;
      mkdirSync(join(root, directory));
      writeFileSync(join(root, directory, "memory.usage_in_bytes"), "4096\n");
      writeFileSync(join(root, directory, "memory.stat"), CHILD_STAT);
      writeFileSync(join(root, directory, "cgroup.procs"), "");
    }
    return root;
  };

  test("10 000 below the container's, without use_hierarchy: the sum of all, at ten times the cost of 1000", () => {
    const [few, many] = [withCgroups(1000), withCgroups(10_000)];
    const used = (root: string): number => json(["free", "--json", "--root", root]).memory.usedBytes;
    expect(used(many) - used(few)).toBe(9000 * 4096);
    const ratio = cpuSeconds(["free", "--root", many]) / Math.max(0.01, cpuSeconds(["free", "--root", few]));
    expect(ratio).toBeLessThan(TENFOLD_MOST);
  }, 120_000);

  test("10 000 levels of mounts in mountinfo: the right one is found", () => {
    const root = tree("v2-plain");
    const before = startProcg([], ["free", "--json", "--root", root]).stdout;
    const others = Array.from(
      { length: 10_000 },
      (_, i) => `${1000 + i} 1 0:${i} / /mnt/${i} rw - cgroup2 cgroup rw\n`,
    ).join("");
    appendFileSync(join(root, "proc/1/mountinfo"), others);
    expect(startProcg([], ["free", "--json", "--root", root]).stdout).toBe(before);
  });
});
