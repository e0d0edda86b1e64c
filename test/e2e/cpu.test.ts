/** nproc in real containers: quota, cpuset, both, and changes while the container runs. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import {
  docker,
  hostCgroup,
  hostCpus,
  readNumber,
  removeAllContainers,
  run,
  runOnce,
  startContainer,
} from "./docker.ts";

const SKIP = process.env.PROCG_E2E_SKIP;

afterEach(() => removeAllContainers());
afterAll(() => removeAllContainers());

describe.skipIf(SKIP !== undefined)("nproc in a container", () => {
  test.for([
    // quota, cpuset, nproc by coreutils 9.8's rule, cores
    { flags: ["--cpus", "0.5", "--cpuset-cpus", "0"], cpus: 1, cores: 0.5, cpuset: [0] },
    { flags: ["--cpus", "1.4", "--cpuset-cpus", "0-1"], cpus: 1, cores: 1.4, cpuset: [0, 1] },
    { flags: ["--cpus", "1.5", "--cpuset-cpus", "0-1"], cpus: 2, cores: 1.5, cpuset: [0, 1] },
    { flags: ["--cpus", "0.1", "--cpuset-cpus", "0-1"], cpus: 1, cores: 0.1, cpuset: [0, 1] },
    { flags: ["--cpuset-cpus", "1"], cpus: 1, cores: 1, cpuset: [1] },
    { flags: ["--cpu-shares", "512", "--cpuset-cpus", "0-1"], cpus: 2, cores: 2, cpuset: [0, 1] },
  ])("$flags gives $cpus", ({ flags, cpus, cores, cpuset }) => {
    expect(hostCpus()).toBeGreaterThanOrEqual(2);
    const container = startContainer({ flags });
    expect(container.output("procg", "nproc")).toBe(`${cpus}\n`);
    // The classic tool knows affinity only.
    expect(container.output("nproc")).toBe(`${cpuset.length}\n`);
    const report = container.json("procg", "nproc", "--json");
    expect(report).toMatchObject({
      schema: "procg.nproc/v1",
      cpus,
      capacityCores: cores,
      cpusetCpus: cpuset,
      hostCpus: hostCpus(),
    });
    const hasQuota = flags.includes("--cpus");
    expect(report.quotaCores).toBe(hasQuota ? quotaOnHost(container.pid) : "max");
  });

  test("no limit: as many as the host lets us use", () => {
    const affinity = run("nproc", []).stdout;
    expect(runOnce([], "procg", "nproc").stdout).toBe(affinity);
  });

  test("docker update of the quota shows at once", () => {
    const container = startContainer({ flags: ["--cpus", "2", "--cpuset-cpus", "0-1"] });
    expect(container.output("procg", "nproc")).toBe("2\n");
    docker("update", "--cpus", "0.7", container.id);
    expect(quotaOnHost(container.pid)).toBe(0.7);
    expect(container.output("procg", "nproc")).toBe("1\n");
    docker("update", "--cpus", "2", "--cpuset-cpus", "1", container.id);
    expect(container.json("procg", "nproc", "--json")).toMatchObject({
      cpus: 1,
      cpusetCpus: [1],
      quotaCores: 2,
    });
  });
});

/** quota / period as the kernel holds it. */
function quotaOnHost(pid: number): number {
  const { version, folder } = hostCgroup(pid, "cpu");
  if (version === 1) {
    return readNumber(join(folder, "cpu.cfs_quota_us")) / readNumber(join(folder, "cpu.cfs_period_us"));
  }
  const [quota, period] = readFileSync(join(folder, "cpu.max"), "utf8").trim().split(" ");
  return Number(quota) / Number(period);
}
