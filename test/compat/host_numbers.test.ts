/**
 * `--host` against the installed free, uptime and nproc on the same /proc: the same bytes.
 *
 * So that nothing moves between the two, /proc/meminfo, /proc/uptime and /proc/loadavg are files of ours, bound over the kernel's in
 * a mount namespace of its own. What differs by decision is listed, not left out.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BINARY } from "./binary.ts";

const usable =
  process.getuid?.() === 0 &&
  spawnSync("unshare", ["-m", "true"]).status === 0 &&
  /procps-ng 4\.0\.[0-3]/.test(spawnSync("free", ["--version"], { encoding: "utf8" }).stdout ?? "");
if (!usable && process.env.CI === "true") throw new Error("needs root, unshare and procps-ng 4.0");

let scratch = "";
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "procg-compat-"));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
}

/** Runs the installed tool and ours with `files` bound over /proc/NAME. */
function both(files: Readonly<Record<string, string>>, tool: string, args: readonly string[], env = {}) {
  const binds = Object.entries(files).map(([name, text]) => {
    const path = join(scratch, name);
    writeFileSync(path, text);
    return `mount --bind '${path}' /proc/${name}`;
  });
  const run = (command: readonly string[]): Outcome => {
    const script = [...binds, 'exec "$@"'].join(" && ");
    const { stdout, stderr, status } = spawnSync("unshare", ["-m", "sh", "-c", script, "sh", ...command], {
      encoding: "utf8",
      env: { PATH: process.env.PATH ?? "", LC_ALL: "C", TZ: "UTC", ...env },
    });
    return { stdout, stderr, status };
  };
  return { theirs: run([tool, ...args]), ours: run([BINARY, tool, "--host", ...args]) };
}

const meminfo = (kib: Readonly<Record<string, number>>): string =>
  Object.entries({
    MemTotal: 0,
    MemFree: 0,
    MemAvailable: 0,
    Buffers: 0,
    Cached: 0,
    CommitLimit: 77,
    Committed_AS: 7,
    ...kib,
  })
    .map(([name, value]) => `${`${name}:`.padEnd(16)}${String(value).padStart(8)} kB\n`)
    .join("");

const MACHINES: Readonly<Record<string, string>> = {
  usual: meminfo({
    MemTotal: 24684096,
    MemFree: 22577000,
    MemAvailable: 23499000,
    Buffers: 51234,
    Cached: 1225000,
    SwapTotal: 2097148,
    SwapFree: 1999999,
    Shmem: 8788,
    SReclaimable: 103456,
    CommitLimit: 14439196,
    Committed_AS: 1234567,
  }),
  small: meminfo({
    MemTotal: 999,
    MemFree: 100,
    MemAvailable: 512,
    Cached: 1,
    SwapTotal: 0,
    SwapFree: 0,
    Shmem: 0,
    SReclaimable: 0,
  }),
  "more committed than allowed": meminfo({
    MemTotal: 1048576,
    MemFree: 10,
    MemAvailable: 20,
    SwapTotal: 10,
    SwapFree: 0,
    Shmem: 5,
    SReclaimable: 7,
    CommitLimit: 524288,
    Committed_AS: 1048577,
  }),
  "9.96 GiB": meminfo({
    MemTotal: 10443817,
    MemFree: 10443817,
    MemAvailable: 10443817,
    SwapTotal: 1023,
    SwapFree: 1023,
    Shmem: 0,
    SReclaimable: 0,
  }),
  huge: meminfo({
    MemTotal: 6442450944,
    MemFree: 5368709120,
    MemAvailable: 6000000000,
    Buffers: 1,
    Cached: 1073741824,
    SwapTotal: 1099511627,
    SwapFree: 1,
    Shmem: 99999999,
    SReclaimable: 88888888,
    CommitLimit: 1,
    Committed_AS: 2,
  }),
  "without MemAvailable": `MemTotal: 1000000 kB\nMemFree: 250000 kB\nBuffers: 1000 kB\nCached: 300000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\nShmem: 10 kB\nSReclaimable: 20 kB\nCommitLimit: 500000 kB\nCommitted_AS: 1 kB\n`,
  "available above total": meminfo({
    MemTotal: 1000000,
    MemFree: 900000,
    MemAvailable: 1000001,
    SwapTotal: 0,
    SwapFree: 0,
    Shmem: 0,
    SReclaimable: 0,
  }),
};

const FREE_ARGS: readonly (readonly string[])[] = [
  [],
  ...[
    "-b",
    "-k",
    "-m",
    "-g",
    "--kilo",
    "--mega",
    "--giga",
    "--tera",
    "--peta",
    "--kibi",
    "--mebi",
    "--gibi",
    "--tebi",
    "--pebi",
  ].map((unit) => [unit]),
  ["--si"],
  ["-m", "--si"],
  ["-g", "--si"],
  ["-h"],
  ["-h", "--si"],
  ["-h", "-m"],
  ["-w"],
  ["-wh"],
  ["-l"],
  ["-t"],
  ["-v"],
  ["-wtlv"],
  ["-hwtlv"],
  ["-c", "2", "-s", "0.01"],
  ["-tc2", "-s.01"],
];

describe.skipIf(!usable)("free --host (needs root and procps-ng 4.0)", () => {
  describe.each(Object.keys(MACHINES))("%s", (machine) => {
    it.each(FREE_ARGS.map((args) => [args.join(" "), args] as const))("free %s", (_title, args) => {
      const { ours, theirs } = both({ meminfo: MACHINES[machine] ?? "" }, "free", args);
      expect(ours).toEqual(theirs);
    });
  });
});

/** Seconds -> where procps 4.0.2's -p is wrong, by cli-compat rule 4, what we say instead. */
const UPTIMES: readonly (readonly [number, string | null])[] = [
  [0.5, null],
  [59, null],
  [60, "up 1 minute"],
  [61, null],
  [3599, null],
  [3600, "up 1 hour, 0 minutes"],
  [3660, "up 1 hour, 1 minute"],
  [7261, null],
  [86399, null],
  [86400, "up 1 day, 0 minutes"],
  [90061, null],
  [604861, null],
  [31536061, null],
  [350000000.25, null],
];

describe.skipIf(!usable)("uptime --host (needs root and procps-ng 4.0)", () => {
  const files = (seconds: number) => ({
    uptime: `${seconds.toFixed(2)} 1.00\n`,
    loadavg: "0.63 12.18 100.06 3/412 9999\n",
  });

  it.each(UPTIMES)("%d seconds", (seconds) => {
    // The clock may tick between the two: the time of day and -s are compared on a quiet second.
    for (let attempt = 0; ; attempt++) {
      const plain = both(files(seconds), "uptime", []);
      const since = both(files(seconds), "uptime", ["-s"]);
      const same =
        plain.ours.stdout === plain.theirs.stdout.replace(/\b0 user,/, "0 users,") &&
        since.ours.stdout === since.theirs.stdout;
      if (!same && attempt < 20) continue;
      // By decision the plural is right for 0 users.
      expect(plain.ours).toEqual({
        ...plain.theirs,
        stdout: plain.theirs.stdout.replace(/\b0 user,/, "0 users,"),
      });
      expect(since.ours).toEqual(since.theirs);
      return;
    }
  });

  it.each(UPTIMES)("-p, %d seconds", (seconds, corrected) => {
    const { ours, theirs } = both(files(seconds), "uptime", ["-p"]);
    expect(ours).toEqual(corrected === null ? theirs : { ...theirs, stdout: `${corrected}\n` });
  });
});

describe.skipIf(!usable)("nproc --host (needs root and coreutils)", () => {
  const environments: readonly Readonly<Record<string, string>>[] = [
    {},
    { OMP_NUM_THREADS: "3" },
    { OMP_NUM_THREADS: "3,2" },
    { OMP_NUM_THREADS: " 4 , 1" },
    { OMP_NUM_THREADS: "0" },
    { OMP_NUM_THREADS: "-1" },
    { OMP_NUM_THREADS: "x" },
    { OMP_NUM_THREADS: "2bad" },
    { OMP_NUM_THREADS: "9", OMP_THREAD_LIMIT: "5" },
    { OMP_THREAD_LIMIT: "1" },
    { OMP_THREAD_LIMIT: "0" },
    { OMP_THREAD_LIMIT: "bad" },
  ];
  it.each(environments)("%o", (env) => {
    for (const args of [[], ["--all"], ["--ignore=1"], ["--ignore", "99"]]) {
      const { ours, theirs } = both({}, "nproc", args, env);
      expect(ours, args.join(" ")).toEqual(theirs);
    }
  });

  it("under taskset", () => {
    const run = (command: readonly string[]) =>
      spawnSync("taskset", ["-c", "0", ...command], { encoding: "utf8" }).stdout;
    expect(run([BINARY, "nproc", "--host"])).toBe(run(["nproc"]));
    expect(run([BINARY, "nproc", "--host"])).toBe("1\n");
  });
});
