/**
 * `npm run bench -- lxcfs [--busy SECONDS] [--decay SECONDS]`: Debian's lxcfs beside ours, for correctness and cost. Truth is the kernel's own
 * cgroup files, read from outside. Needs root, cgroup v1 hierarchies and the package lxcfs; takes 8 minutes, of them 320 s for the load.
 *
 * The classic tools run in a view of the container with lxcfs' files bound over /proc, ours in a view of the same container without.
 * Prints tables; exit 1 when it cannot run under CI=true. Rows where lxcfs is better are marked.
 */
import { spawnSync } from "node:child_process";
import { benchEnd, benchMemoryUse, benchProcesses, benchReads, benchUptime } from "./lxcfs/cost.ts";
import { benchCpu } from "./lxcfs/cpu.ts";
import { benchLoad } from "./lxcfs/load.ts";
import { benchCpuCount, benchDisk, benchMemory, benchSibling, benchUnchanged } from "./lxcfs/memory.ts";
import { cleanUp, startLxcfs, statusOf, whyNot } from "./lxcfs/stage.ts";
import { note } from "./report/report.ts";

function secondsOf(option: string, standard: number): number {
  const at = process.argv.indexOf(option);
  const value = at < 0 ? standard : Number(process.argv[at + 1]);
  if (!Number.isInteger(value) || value < 60)
    throw new Error(`${option} ${process.argv[at + 1]}: a whole number from 60 on`);
  return value;
}

async function main(): Promise<number> {
  const [busy, decay] = [secondsOf("--busy", 240), secondsOf("--decay", 80)];
  const why = whyNot();
  if (why !== null) {
    process.stdout.write(`left out: ${why}\n`);
    return process.env.CI === "true" ? 1 : 0;
  }
  const interrupted = (): void => {
    void cleanUp().then(() => process.exit(130));
  };
  process.on("SIGINT", interrupted).on("SIGTERM", interrupted);
  const asked = spawnSync("dpkg-query", ["-W", "lxcfs"], { encoding: "utf8" }).stdout ?? "";
  note(
    `lxcfs ${asked.trim().split("\t")[1] ?? "of unknown version"}, started with -l --enable-cfs; cgroup v1.`,
  );
  try {
    const pid = await startLxcfs();
    const fresh = statusOf(pid, "VmRSS");
    await benchMemory();
    await benchSibling();
    await benchUnchanged();
    await benchCpuCount();
    await benchCpu();
    await benchUptime();
    await benchDisk();
    await benchReads(pid);
    await benchProcesses(pid);
    await benchLoad(pid, busy, decay);
    await benchMemoryUse(pid, fresh);
    await benchEnd();
    return 0;
  } finally {
    await cleanUp();
  }
}

main().then((code) => {
  process.exitCode = code;
});
