/** The same container through every way in which a runtime shows cgroups, and what may be missing in it. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import {
  type Container,
  hostCgroup,
  MIB,
  removeAllContainers,
  runOnce,
  runScratch,
  startContainer,
} from "./docker.ts";

const SKIP = process.env.PROCG_E2E_SKIP;
const LIMITED = ["--memory", "256m", "--memory-swap", "256m", "--cpus", "0.5", "--cpuset-cpus", "0"];
const TREE = ["-v", "/sys/fs/cgroup:/cgroup:ro"];

afterEach(() => removeAllContainers());
afterAll(() => removeAllContainers());

function expectLimited(container: Container): void {
  expect(container.json("procg", "free", "--json")).toMatchObject({
    schema: "procg.free/v1",
    memory: { totalBytes: 256 * MIB, limitBytes: 256 * MIB },
  });
  expect(container.json("procg", "nproc", "--json")).toMatchObject({
    cpus: 1,
    quotaCores: 0.5,
    capacityCores: 0.5,
    cpusetCpus: [0],
  });
}

describe.skipIf(SKIP !== undefined)("how cgroups are shown", () => {
  test.for([
    ["private cgroup namespace", ["--cgroupns", "private"]],
    ["host's cgroup namespace, own directory at the mount point", ["--cgroupns", "host"]],
    ["host's cgroup namespace, whole tree at /cgroup", ["--cgroupns", "host", ...TREE]],
    ["private cgroup namespace, whole tree at /cgroup", ["--cgroupns", "private", ...TREE]],
    ["host's pid namespace", ["--pid", "host"]],
    ["host's pid and cgroup namespace, whole tree", ["--pid", "host", "--cgroupns", "host", ...TREE]],
    ["another user, read-only root", ["--user", "1000", "--read-only"]],
    ["all capabilities dropped", ["--cap-drop", "ALL", "--security-opt", "no-new-privileges"]],
  ] as const)("%s", ([, flags]) => {
    expectLimited(startContainer({ flags: [...LIMITED, ...flags] }));
  });

  test("the whole tree does not lead to another container's figures", async () => {
    const ours = startContainer({ flags: [...LIMITED, "--cgroupns", "host", ...TREE] });
    const other = startContainer({ flags: ["--memory", "512m"] });
    await other.load("-m", "200");
    const report = ours.json("procg", "free", "--json") as { memory: Record<string, number> };
    expect(report.memory.usedBytes).toBeLessThan(12 * MIB);
  });

  test.for(["private", "host"])(
    "init was moved into a child cgroup, %s cgroup namespace: the container's limit",
    async (namespace) => {
      const container = startContainer({ flags: [...LIMITED, "--cgroupns", namespace] });
      await container.load("-m", "50");
      const { version, folder } = hostCgroup(container.pid, "memory");
      const child = join(folder, "inner");
      mkdirSync(child);
      if (version === 1) {
        // init itself moves, as systemd and Docker in Docker do; the load stays.
        writeFileSync(join(child, "cgroup.procs"), `${container.pid}`);
        const cpu = join(hostCgroup(container.pid, "cpu").folder, "inner");
        mkdirSync(cpu);
        writeFileSync(join(cpu, "cgroup.procs"), `${container.pid}`);
      } else {
        for (const pid of readProcs(folder)) writeFileSync(join(child, "cgroup.procs"), pid);
      }
      expect(container.output("cat", "/proc/1/cgroup")).toContain("/inner");
      expectLimited(container);
      const report = container.json("procg", "free", "--json") as { memory: Record<string, number> };
      // What the load holds is gone for init too.
      expect(report.memory.availableBytes).toBeLessThan(206 * MIB);
      // The container's usage, not the child's: known where the namespace's root tells which directory is the container.
      if (namespace === "private") expect(report.memory.usedBytes).toBeGreaterThan(50 * MIB);
    },
  );

  test("a hidden cgroup file system is unknown, never unlimited", () => {
    const { status, stdout, stderr } = runOnce(
      [...LIMITED, "--cap-add", "SYS_ADMIN", "--security-opt", "apparmor=unconfined"],
      ...[
        "sh",
        "-c",
        "umount -l /sys/fs/cgroup 2>/dev/null; grep -c cgroup /proc/self/mountinfo >&2; procg free --json",
      ],
    );
    expect(stderr).toContain("0\n");
    expect(status).toBe(0);
    expect(JSON.parse(stdout).memory).toMatchObject({ limitBytes: null, limitComplete: false });
  });
});

describe.skipIf(SKIP !== undefined)("where hardly anything is", () => {
  test("an image with nothing but procg", () => {
    const { status, stdout, stderr } = runScratch(LIMITED, "/procg", "free", "-k");
    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect(stdout.split("\n")[1]?.split(/\s+/)[1]).toBe("262144");
    expect(runScratch(LIMITED, "/procg", "nproc").stdout).toBe("1\n");
    expect(runScratch(["--user", "1000", "--read-only", ...LIMITED], "/procg", "uptime").stdout).toMatch(
      / up /,
    );
  });

  test("an empty chroot with only /proc and /sys", () => {
    const script = [
      "mkdir -p /tmp/jail/proc /tmp/jail/sys && cp /bin/procg /tmp/jail/",
      "mount -t proc proc /tmp/jail/proc && mount --rbind /sys /tmp/jail/sys",
      "ls /tmp/jail && chroot /tmp/jail /procg free -k && chroot /tmp/jail /procg nproc",
    ].join(" && ");
    const flags = [
      "--cap-add",
      "SYS_ADMIN",
      "--cap-add",
      "SYS_CHROOT",
      "--security-opt",
      "apparmor=unconfined",
    ];
    const { status, stdout, stderr } = runOnce([...LIMITED, ...flags], "sh", "-c", script);
    expect(stderr).toBe("");
    expect(status).toBe(0);
    const lines = stdout.split("\n");
    expect(lines.slice(0, 3)).toEqual(["proc", "procg", "sys"]);
    expect(lines[4]?.split(/\s+/).slice(0, 2)).toEqual(["Mem:", "262144"]);
    expect(lines[6]).toBe("1");
  });

  test("links by name work as the tools", () => {
    const script =
      "mkdir /tmp/l && procg install /tmp/l >/dev/null && /tmp/l/free -k | head -2 && /tmp/l/nproc";
    const { stdout } = runOnce(LIMITED, "sh", "-c", script);
    expect(stdout.split("\n")[1]?.split(/\s+/)[1]).toBe("262144");
    expect(stdout.trim().split("\n").at(-1)).toBe("1");
  });
});

function readProcs(folder: string): readonly string[] {
  return readFileSync(join(folder, "cgroup.procs"), "utf8").trim().split("\n");
}
