/** Controllers, swap accounting, and how many tasks there can be. */
import { cgroupControllers } from "../../lib/cgroupfs/v2/cgroup_controllers.ts";
import { attempt } from "../../lib/kernfile/kernel_file.ts";
import { type Check, finding, number, read } from "./finding.ts";

export const controllers: Check = ({ system }) => {
  const mounts = read(system, "/proc/self/mountinfo") ?? "";
  const v2 = / - cgroup2 /.test(mounts);
  const v1 = / - cgroup /.test(mounts);
  const mode = v1 && v2 ? "hybrid" : v1 ? "v1" : v2 ? "v2" : "none";
  const findings = [
    finding(
      "cgroup.mode",
      mode,
      mode === "none" ? "warn" : mode === "hybrid" ? "note" : "ok",
      mode === "hybrid" ? "controllers are on v1 and v2 at once" : "",
    ),
  ];
  const table = read(system, "/proc/cgroups");
  const enabled = new Map<string, boolean>();
  for (const line of table?.split("\n") ?? []) {
    const fields = line.split(/\s+/);
    if (!line.startsWith("#") && fields.length >= 4) enabled.set(fields[0] ?? "", fields[3] === "1");
  }
  const shown = new Set(attempt(system, "/sys/fs/cgroup", cgroupControllers).value ?? []);
  for (const name of ["memory", "cpu", "cpuacct", "cpuset", "pids", "blkio"]) {
    if (name === "cpuacct" && mode === "v2") continue;
    const on = shown.has(name === "blkio" ? "io" : name) || enabled.get(name);
    const text =
      name === "memory"
        ? "cgroup_enable=memory on the kernel's command line"
        : "no limits and no figures for it";
    findings.push(
      finding(
        `cgroup.${name}`,
        on === undefined && table === null ? null : on === true ? "on" : "missing",
        on === true ? "ok" : "warn",
        text,
      ),
    );
  }
  return findings;
};

export const swapAccounting: Check = ({ system }) => {
  const mounts = read(system, "/proc/self/mountinfo") ?? "";
  const point = mounts
    .split("\n")
    .map((line) => line.split(" "))
    .find(
      (fields) =>
        fields.includes("cgroup") && (fields[fields.length - 1] ?? "").split(",").includes("memory"),
    )?.[4];
  const swap = /^SwapTotal:\s+([0-9]+)/m.exec(read(system, "/proc/meminfo") ?? "")?.[1];
  if (point === undefined) return finding("cgroup.swap", "v2", "ok");
  const has = typeof system.stat(`${point}/memory.memsw.limit_in_bytes`) !== "number";
  return finding(
    "cgroup.swap",
    has ? "accounted" : "not accounted",
    has || swap === "0" ? "ok" : "warn",
    "swapaccount=1: without it containers swap without a limit",
  );
};

export const pidMax: Check = ({ system, pidsLimitSum }) => {
  const most = number(system, "/proc/sys/kernel/pid_max");
  const threads = number(system, "/proc/sys/kernel/threads-max");
  const used = Number(
    /^\S+ \S+ \S+ [0-9]+\/([0-9]+)/.exec(read(system, "/proc/loadavg") ?? "")?.[1] ?? Number.NaN,
  );
  const least = most === null || threads === null ? null : Math.min(most, threads);
  const over = typeof pidsLimitSum === "number" && least !== null && pidsLimitSum > least;
  const status = over ? "warn" : pidsLimitSum === "max" ? "note" : "ok";
  const text = over
    ? "together the containers may use more than there are: fork fails on the host"
    : "a container without a pids limit can use all of them";
  return [
    finding("pid_max", most, "ok"),
    finding("threads_max", threads, "ok"),
    finding(
      "threads.used",
      Number.isNaN(used) ? null : used,
      least !== null && used > 0.8 * least ? "warn" : "ok",
      "80 % of pid_max or threads-max are in use",
    ),
    finding("pids.limits", pidsLimitSum, status, text),
  ];
};
