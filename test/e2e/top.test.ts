/** top in real containers: a burner under a quota, an idle one on a busy host, full, hidden, dead and ill-named processes. */
import { type ChildProcess, spawn } from "node:child_process";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { type Container, MIB, removeAllContainers, runOnce, startContainer, waitUntil } from "./docker.ts";

const SKIP = process.env.PROCG_E2E_SKIP;

interface TopDocument {
  readonly intervalSeconds: number;
  readonly tasks: Readonly<Record<string, number>>;
  readonly cpu: { readonly idleRatio: number; readonly source: string; readonly capacityCores: number };
  readonly memory: { readonly totalBytes: number; readonly usedBytes: number };
  readonly container: Readonly<Record<string, number>>;
  readonly processes: readonly {
    readonly pid: number;
    readonly name: string;
    readonly commandLine: string;
    readonly state: string;
    readonly cpuCores: number;
    readonly memoryRatio: number;
    readonly user: string;
  }[];
}

let burners: ChildProcess[] = [];

afterEach(() => {
  for (const burner of burners) burner.kill("SIGKILL");
  burners = [];
  removeAllContainers();
});
afterAll(() => removeAllContainers());

/** The last of `frames` frames. */
function lastFrame(container: Container, frames: number, seconds: number): TopDocument {
  const text = container.output("procg", "top", "-b", "-n", String(frames), "-d", String(seconds), "--json");
  return JSON.parse(text.trim().split("\n").at(-1) ?? "");
}

function frameText(container: Container, ...args: readonly string[]): string[] {
  return container.output("procg", "top", "-b", "-n", "1", ...args).split("\n");
}

describe.skipIf(SKIP !== undefined)("top in a container", () => {
  test("a burner under 0.5 CPU: 50 % of a core, nothing idle", async () => {
    const container = startContainer({ flags: ["--cpus", "0.5", "--cpu-shares", "262144"] });
    await container.load("-b", "1");
    // What the kernel gave it: all of its quota, where nobody else wants these CPUs more.
    const frames = [1, 2, 3].map(() => lastFrame(container, 2, 3));
    for (const frame of frames) {
      const used = frame.container.usedCores ?? 0;
      expect(frame.cpu.capacityCores).toBe(0.5);
      expect(Math.abs(frame.cpu.idleRatio - Math.max(0, 1 - used / 0.5))).toBeLessThan(0.01);
      const burner = frame.processes.find((one) => one.name === "load");
      expect(Math.abs((burner?.cpuCores ?? 0) - used)).toBeLessThan(0.08);
      if (used > 0.48) {
        expect(frame.cpu.idleRatio).toBeLessThan(0.05);
        expect(frame.container.throttledRatio).toBeGreaterThan(0.5);
      }
    }
    // The text, too: first among the tasks, and the summary's own column.
    const lines = container.output("procg", "top", "-b", "-n", "2", "-d", "3").split("\n");
    const rows = lines.slice(lines.findLastIndex((line) => line.includes("PID USER")) + 1);
    expect(rows[0]).toMatch(/ load$/);
    expect(Number(rows[0]?.trim().split(/\s+/)[8])).toBeGreaterThan(5);
  });

  test("the first frame of -n1 sees the burner as well", async () => {
    const container = startContainer({ flags: ["--cpus", "0.5", "--cpu-shares", "262144"] });
    await container.load("-b", "1");
    const frame = lastFrame(container, 1, 1);
    // Three periods, as a shorter time says nothing under a quota.
    expect(frame.intervalSeconds).toBeGreaterThanOrEqual(0.3);
    expect(frame.cpu.idleRatio).toBeCloseTo(Math.max(0, 1 - (frame.container.usedCores ?? 0) / 0.5), 1);
  });

  test("idle on a busy host", () => {
    burners = [1, 2, 3].map(() => spawn("sh", ["-c", "while :; do :; done"], { stdio: "ignore" }));
    const container = startContainer({ flags: ["--cpus", "1"] });
    const frame = lastFrame(container, 2, 2);
    expect(frame.cpu.source).toBe("cgroup");
    expect(frame.cpu.idleRatio).toBeGreaterThan(0.93);
    expect(frame.container.hostIdleRatio).toBeLessThan(0.5);
    expect(frame.tasks.total).toBeLessThan(4);
    expect(frameText(container, "--host")[2]).toMatch(/^%Cpu\(s\)/);
  });

  test("%MEM and the Mem line are of the limit", async () => {
    const container = startContainer({ flags: ["--memory", "128m", "--memory-swap", "128m"] });
    await container.load("-m", "64");
    const frame = lastFrame(container, 1, 1);
    expect(frame.memory.totalBytes).toBe(128 * MIB);
    expect(frame.memory.usedBytes).toBeGreaterThan(60 * MIB);
    const load = frame.processes.find((one) => one.name === "load");
    expect(load?.memoryRatio).toBeGreaterThan(0.48);
    expect(load?.memoryRatio).toBeLessThan(0.56);
    expect(frameText(container)[3]).toMatch(/^MiB Mem : {4}128\.0 total,/);
  });

  test("the pids limit is reached", () => {
    const container = startContainer({
      flags: ["--pids-limit", "20"],
      command: ["sh", "-c", "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do sleep 600 & done; wait"],
    });
    const frame = lastFrame(container, 1, 1);
    expect(frame.container.pidsLimit).toBe(20);
    expect(frame.container.pidsCurrent).toBeGreaterThanOrEqual(16);
    expect(frameText(container, "--container").join("\n")).toMatch(/\d+\/20 pids/);
  });

  test("processes come and go while they are read", () => {
    const container = startContainer({
      command: ["sh", "-c", "while :; do /bin/true; /bin/ls / >/dev/null; done"],
    });
    const result = container.exec("procg", "top", "-b", "-n", "8", "-d", "0.1", "-c", "-H");
    expect(result.status).toBe(0);
    expect(result.stderr).toBe("");
    const rows = result.stdout.split("\n").filter((line) => /^\s*\d+ \S/.test(line));
    // The shell and top in each frame at the least.
    expect(rows.length).toBeGreaterThanOrEqual(16);
    for (const row of rows)
      expect(row).toMatch(
        /^ *\d+ root +-?\d+ +-?\d+ +\d+ +\d+ +\d+ [RSDZTI] +[\d.]+ +[\d.]+ +\d+:\d\d\.\d\d .+$/,
      );
  });

  test("hidepid: one's own processes, exit 0", () => {
    const result = runOnce(
      [
        "--cap-add",
        "SYS_ADMIN",
        "--security-opt",
        "seccomp=unconfined",
        "--security-opt",
        "apparmor=unconfined",
      ],
      ...["sh", "-c", "mount -t proc -o hidepid=2 proc /proc && exec su user -c 'procg top -b -n 1'"],
    );
    expect(result.stderr).toBe("");
    expect(result.status).toBe(0);
    const rows = result.stdout.split("\n").filter((line) => /^\s*\d+ \S/.test(line));
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.every((row) => row.trim().split(/\s+/)[1] === "user")).toBe(true);
  });

  test("a zombie", async () => {
    const container = startContainer({ command: ["sh", "-c", "sleep 0 & exec sleep 600"] });
    await waitUntil("a zombie", () =>
      /^State:\s+Z/m.test(container.exec("sh", "-c", "cat /proc/[0-9]*/status").stdout),
    );
    const lines = frameText(container, "-c", "-w", "120");
    expect(lines[1]).toMatch(/ 1 zombie$/);
    expect(lines.join("\n")).toMatch(/ Z .*\[sleep\] <defunct>/);
  });

  test("a name of 10 kB of escape codes, and wide characters", () => {
    const script = [
      "name=$(i=0; while [ $i -lt 1000 ]; do printf '\\033[31m\\033]0;x\\007'; i=$((i+1)); done)",
      "sh -c 'sleep 600; :' \"$name\" &",
      "sh -c 'sleep 600; :' 日本語のプロセス &",
      "wait",
    ].join("\n");
    const container = startContainer({ command: ["sh", "-c", script] });
    const text = frameText(container, "-c", "-w", "200").join("\n");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is about control characters
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
    expect(text).toContain("?[31m?]0;x?");
    expect(text).toContain("日本語のプロセス");
    const document = lastFrame(container, 1, 1);
    expect(document.processes.length).toBeGreaterThanOrEqual(3);
  });

  test("an OOM kill counts", async () => {
    const container = startContainer({ flags: ["--memory", "32m", "--memory-swap", "32m"] });
    expect(container.exec("load", "-m", "100").status).not.toBe(0);
    const frame = lastFrame(container, 1, 1);
    expect(frame.container.oomKills).toBeGreaterThanOrEqual(1);
    expect(frame.container.oomKillsNew).toBe(0);
  });
});
