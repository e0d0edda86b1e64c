/** The engine: its storage, its logs, its daemon. */
import { type Check, finding, read } from "./finding.ts";

export const storage: Check = ({ info }) => {
  if (info === null) return finding("engine", null, "unknown", "no engine answers");
  const driver = typeof info.Driver === "string" ? info.Driver : null;
  const cgroupDriver = typeof info.CgroupDriver === "string" ? info.CgroupDriver : null;
  const status = JSON.stringify(info.DriverStatus ?? []);
  const isLoop = /loop file/i.test(status);
  const space = /Data Space (Used|Total)/.test(status);
  const systemd = cgroupDriver === "systemd";
  const findings = [
    finding("engine.version", typeof info.ServerVersion === "string" ? info.ServerVersion : null, "ok"),
    finding(
      "engine.cgroup_driver",
      cgroupDriver,
      systemd ? "note" : "ok",
      "a reload of systemd may overwrite what is written directly to a cgroup file",
    ),
    finding(
      "engine.storage",
      isLoop ? `${driver} on loop files` : driver,
      isLoop || driver === "vfs" ? "warn" : "ok",
      isLoop
        ? "slow, and removing takes seconds: use a block device or overlay2"
        : "every layer is a full copy",
    ),
    finding("engine.live_restore", info.LiveRestoreEnabled === true ? "on" : "off", "ok"),
    finding("engine.log_driver", typeof info.LoggingDriver === "string" ? info.LoggingDriver : null, "ok"),
  ];
  if (space)
    findings.push(finding("engine.thin_pool", status.slice(0, 200), "note", "look at its fill level"));
  return findings;
};

/** The largest json logs. */
export const logs: Check = ({ system, info }) => {
  const root = typeof info?.DockerRootDir === "string" ? info.DockerRootDir : null;
  if (root === null) return [];
  const ids = system.readDirectory(`${root}/containers`);
  if (typeof ids === "number") return finding("docker.logs", null, "unknown");
  let total = 0;
  let largest = 0;
  for (const id of ids) {
    const status = system.stat(`${root}/containers/${id}/${id}-json.log`);
    if (typeof status === "number") continue;
    total += status.sizeBytes;
    largest = Math.max(largest, status.sizeBytes);
  }
  const mib = (bytes: number): number => Math.round(bytes / 1048576);
  return finding(
    "docker.logs",
    `${mib(total)} MiB, largest ${mib(largest)} MiB`,
    largest > 1 << 30 ? "warn" : "ok",
    "a log of more than 1 GiB: set max-size for json-file",
  );
};

export const daemon: Check = ({ system }) => {
  const pid = read(system, "/var/run/docker.pid");
  if (pid === null || !/^[0-9]+$/.test(pid)) return [];
  const rss = /^VmRSS:\s+([0-9]+) kB$/m.exec(read(system, `/proc/${pid}/status`) ?? "")?.[1];
  if (rss === undefined) return [];
  const mib = Math.round(Number(rss) / 1024);
  return finding(
    "daemon.rss",
    `${mib} MiB`,
    mib > 1024 ? "warn" : "ok",
    "the engine's daemon has grown: only a restart helps",
  );
};
