/**
 * `npm run bench -- lxcfs-v2`: lxcfs 5, 6 and 7 of Debian's archive beside ours on pure cgroup v2, in a guest (QEMU, Debian 12's kernel).
 * Truth is the kernel's own cgroup files, read in the guest from outside both. Takes about 8 minutes and a way to Debian's archive the first time,
 * so that it runs only by name; with `--markdown FILE` its part of that page alone is made anew.
 *
 * `node build/run_ts.mjs test/bench/lxcfs-v2.ts [OPTION]`, for work on it:
 *
 *   --keep        leaves the guest's results, and says where
 *   --from DIR    makes the tables of such results again
 */
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { compareBeside } from "./lxcfs_v2/beside.ts";
import {
  compareCpu,
  compareCpuCount,
  compareDisk,
  comparePressure,
  compareReader,
  compareUptime,
} from "./lxcfs_v2/cpu.ts";
import { compareEnd } from "./lxcfs_v2/end.ts";
import { runLxcfsGuest, SCENARIOS } from "./lxcfs_v2/guest.ts";
import { compareLoad } from "./lxcfs_v2/load.ts";
import { compareMemory } from "./lxcfs_v2/memory.ts";
import { type LxcfsPackage, lxcfsPackages } from "./lxcfs_v2/packages.ts";
import { startScore } from "./lxcfs_v2/score.ts";
import { note } from "./report/report.ts";

function whyNot(): string | null {
  if (process.getuid?.() !== 0) return "not root";
  const missing = ["qemu-system-x86_64", "busybox", "apt-get", "dpkg"].filter(
    (name) => spawnSync("sh", ["-c", `command -v ${name}`]).status !== 0,
  );
  return missing.length === 0 ? null : `missing: ${missing.join(", ")}`;
}

function tables(out: string, packages: readonly LxcfsPackage[]): void {
  const versions = packages.map(({ version }) => version.split("-")[0] ?? version);
  const majors = packages.map(({ major }) => major);
  const kernel = readFileSync(join(out, "start/kernel"), "utf8").trim();
  const debian = packages.map(({ version, suite }) => `${version} (${suite})`).join(", ");
  note(
    `Made ${new Date().toISOString().slice(0, 10)}, in QEMU without KVM: kernel ${kernel}, 4 CPUs, 1 GiB, 64 MiB of swap, cgroup v2 alone.`,
  );
  note(`lxcfs ${debian}, all at once, each with -l --enable-cfs --enable-pidfd.`);
  const score = startScore(versions);
  compareMemory(out, majors, score);
  compareCpuCount(out, majors, score);
  compareCpu(out, majors, score);
  compareUptime(out, majors, score);
  comparePressure(out, majors, score);
  compareDisk(out, majors, score);
  compareReader(out, majors, score);
  compareLoad(out, majors, score);
  compareEnd(out, majors, versions);
  score.end();
  const beside = startScore(versions, "ours beside lxcfs");
  compareBeside(out, majors, beside);
  beside.end();
}

async function main(): Promise<number> {
  const why = whyNot();
  if (why !== null) {
    process.stdout.write(`left out: ${why}\n`);
    return process.env.CI === "true" ? 1 : 0;
  }
  const packages = lxcfsPackages();
  const at = process.argv.indexOf("--from");
  const out = at < 0 ? await runLxcfsGuest(packages, SCENARIOS) : (process.argv[at + 1] ?? "");
  try {
    tables(out, packages);
  } finally {
    if (at < 0 && !process.argv.includes("--keep")) rmSync(dirname(out), { recursive: true, force: true });
  }
  return 0;
}

main().then((code) => {
  process.exitCode = code;
});
