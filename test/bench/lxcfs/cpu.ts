/** CPU share under a quota, and of an idle container beside busy neighbours. */
import { setTimeout as sleep } from "node:timers/promises";
import { openTable } from "../report/report.ts";
import { type Container, end, loadBeside, PROCG, startContainer } from "./stage.ts";

const SECONDS = 10;

interface Used {
  readonly cores: number;
  readonly throttledRatio: number | null;
}

/** What the container uses while `work` runs, by cpuacct.usage and cpu.stat from outside. */
async function usedDuring(container: Container, work: () => Promise<void>): Promise<Used> {
  const look = () => ({
    ns: Number(container.read("cpuacct", "cpuacct.usage")),
    at: performance.now(),
    periods: Number(/nr_periods (\d+)/.exec(container.read("cpu", "cpu.stat"))?.[1]),
    throttled: Number(/nr_throttled (\d+)/.exec(container.read("cpu", "cpu.stat"))?.[1]),
  });
  const from = look();
  await work();
  const to = look();
  const periods = to.periods - from.periods;
  return {
    cores: (to.ns - from.ns) / 1e6 / (to.at - from.at),
    throttledRatio: periods === 0 ? null : (to.throttled - from.throttled) / periods,
  };
}

/** The last %Cpu(s) line of batch top: what is not idle, in percent. */
function busyOf(text: string): number {
  const lines = [...text.matchAll(/^%Cpu\(s\):.*?([\d.]+) id/gm)];
  return 100 - Number(lines.at(-1)?.[1]);
}

/** Busy percent of each second by the `cpu` line of /proc/stat; and how often its idle counter went back. */
function stepsOf(text: string): { busy: number[]; fallen: number } {
  const samples = [...text.matchAll(/^cpu +(.*)$/gm)].map((match) => (match[1] ?? "").split(" ").map(Number));
  const busy: number[] = [];
  let fallen = 0;
  for (const [i, now] of samples.entries()) {
    const before = samples[i - 1];
    if (before === undefined) continue;
    const delta = now.map((value, k) => value - (before[k] ?? 0));
    const idle = (delta[3] ?? 0) + (delta[4] ?? 0);
    const all = delta.slice(0, 8).reduce((sum, value) => sum + value, 0);
    if (idle < 0) fallen++;
    busy.push(all === 0 ? 0 : (100 * (all - idle)) / all);
  }
  return { busy, fallen };
}

const percent = (value: number): string => `${value.toFixed(1)} %`;
const points = (value: number, truth: number): string => `${(value - truth).toFixed(1)}`;

export async function benchCpu(): Promise<void> {
  const table = openTable(
    "CPU: share of what the container may use",
    ["situation", "truth", "lxcfs", "error", "ours", "error"],
    [58, 10, 18, 8, 10, 8],
  );
  const top = ["-b", "-n", "2", "-d", `${SECONDS}`];
  const both = async (what: string, container: Container, capacity: number): Promise<void> => {
    let [theirs, ours] = [Number.NaN, Number.NaN];
    let inside: { busy: number[]; fallen: number } = { busy: [], fallen: 0 };
    const loop = `i=0; while [ $i -le ${SECONDS} ]; do cat /proc/stat; sleep 1; i=$((i+1)); done`;
    const used = await usedDuring(container, async () => {
      const [a, b, c] = await Promise.all([
        container.outputLater("lxcfs", "top", ...top),
        container.outputLater("plain", PROCG, "top", ...top),
        container.outputLater("lxcfs", "sh", "-c", loop),
      ]);
      [theirs, ours, inside] = [busyOf(a), busyOf(b), stepsOf(c)];
    });
    const truth = (100 * used.cores) / capacity;
    const isLoss = Math.abs(ours - truth) > Math.abs(theirs - truth) + 2;
    table.row(
      [
        `${what}: top`,
        percent(truth),
        percent(theirs),
        points(theirs, truth),
        percent(ours),
        points(ours, truth),
      ],
      isLoss,
    );
    const range = `${percent(Math.min(...inside.busy))} to ${percent(Math.max(...inside.busy))}`;
    table.row([`${what}: /proc/stat, each second`, percent(truth), range, "", "-", ""]);
    table.row([
      `${what}: idle counter fell, of ${inside.busy.length} seconds`,
      "0",
      `${inside.fallen}`,
      `${inside.fallen}`,
      "-",
      "",
    ]);
    if (used.throttledRatio === null) return;
    let seen: number | null = null;
    const then = await usedDuring(container, async () => {
      const text = await container.outputLater("plain", PROCG, "metric", "--wait", "5");
      seen = JSON.parse(text).cpu.throttling?.throttledRatio ?? null;
    });
    const [want, mine] = [100 * (then.throttledRatio ?? Number.NaN), seen === null ? null : 100 * seen];
    const cells = mine === null ? ["-", ""] : [percent(mine), points(mine, want)];
    table.row([`${what}: periods throttled`, percent(want), "no file has it", "", ...cells]);
  };
  const limited = await startContainer("share", { limits: [["cpu", "cpu.cfs_quota_us", 50_000]] });
  const loops = await limited.load("-b", "3");
  await sleep(1000);
  await both("3 busy threads, quota 0.5", limited, 0.5);
  await end(loops);
  const idle = await startContainer("idle");
  const neighbour = await loadBeside("busy", "-b", "2");
  await sleep(1000);
  await both("idle, a neighbour keeps 2 CPUs busy", idle, 2);
  await end(neighbour);
}
