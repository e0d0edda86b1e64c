/** As many real processes as the machine has room for, in a cgroup and a pid namespace of their own: top and loadcalc beside procps' top. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isRoot, start, temporaryDirectory } from "../binary/spawn.ts";
import { compiled } from "../environments/odd_exec.ts";
import { binaryPath, hasBinary } from "../golden/run.ts";

const MOST = 30_000;
/** Numbers, and kernel memory for each, that are left to others. */
const LEFT = 4000;
const KB_EACH = 100;

const number = (path: string): number => Number(readFileSync(path, "utf8"));

/** How many can be started without crowding out anybody. */
function roomFor(): number {
  const threads = Number(/\/(\d+) /.exec(readFileSync("/proc/loadavg", "utf8"))?.[1]);
  const numbers = Math.min(number("/proc/sys/kernel/pid_max"), number("/proc/sys/kernel/threads-max"));
  const availableKb = Number(/^MemAvailable: +(\d+)/m.exec(readFileSync("/proc/meminfo", "utf8"))?.[1]);
  return Math.min(MOST, numbers - threads - LEFT, Math.floor(availableKb / 2 / KB_EACH));
}

const TOP = "/sys/fs/cgroup";
const NAME = `procg-crowd-${process.pid}`;
const CGROUPS = (existsSync(`${TOP}/memory/cgroup.procs`) ? ["pids", "memory", "cpu"] : [""])
  .map((controller) => join(TOP, controller, NAME))
  .filter((directory) => existsSync(join(directory, "..", "cgroup.procs")));

/** `name user system`: the least CPU time of three runs of each command, in seconds. */
const MEASURE = `
TIMEFORMAT="%U %S"
for i in 1 2 3; do
  for tool in top "$procg top"; do
    echo "@ $tool $({ time $tool -b -n1 > /dev/null; } 2>&1)"
  done
  echo "@ loadcalc $({ time "$procg" loadcalc --once --run "$run" > /dev/null 2>&1; } 2>&1)"
done
echo "= procps $(top -b -n1 | sed -n 2p)"
echo "= procg $("$procg" top -b -n1 | sed -n 2p)"
"$procg" loadcalc --no-listen --run "$run" 2> /dev/null &
daemon=$!
sleep 8
sed -n 's/^RssAnon:/= rss/p' /proc/$daemon/status
cat "$run/loadavg"
kill $daemon
`;

describe.skipIf(!hasBinary() || !isRoot)("a crowd (needs root)", () => {
  beforeAll(() => {
    for (const directory of CGROUPS) mkdirSync(directory);
  });
  afterAll(async () => {
    // The kernel takes its time with so many that have ended.
    for (const directory of CGROUPS) {
      for (let i = 0; i < 200 && readFileSync(join(directory, "cgroup.procs"), "utf8") !== ""; i++)
        await new Promise((done) => setTimeout(done, 50));
      rmdirSync(directory);
    }
  });

  test("all are counted, at no more cost than procps' top has", () => {
    const count = roomFor();
    expect(count).toBeGreaterThan(3000);
    const run = temporaryDirectory();
    const enter = CGROUPS.map((directory) => `echo $$ > ${directory}/cgroup.procs; `).join("");
    const space = "unshare --mount --pid --fork --mount-proc --kill-child";
    const script = `${enter} exec ${space} "$crowd" ${count} bash --norc -c "$measure"`;
    const env = { crowd: compiled("crowd.c"), measure: MEASURE, procg: binaryPath(), run };
    const outcome = start("bash", ["--norc", "-c", script], "bash", { env, timeoutMs: 300_000 });
    expect([outcome.code, outcome.stderr]).toEqual([0, ""]);

    const seconds = (name: string): number => {
      const lines = outcome.stdout.split("\n").filter((line) => line.startsWith(`@ ${name} `));
      expect(lines).toHaveLength(3);
      return Math.min(
        ...lines.map((line) => {
          const [system = 0, user = 0] = line.split(" ").reverse().map(Number);
          return user + system;
        }),
      );
    };
    const [procps, top, loadcalc] = [seconds("top"), seconds(`${binaryPath()} top`), seconds("loadcalc")];
    const tasks = (whose: string) =>
      new RegExp(`^= ${whose} Tasks: +(\\d+) total, +(\\d+) running, +(\\d+) sleeping`, "m")
        .exec(outcome.stdout)
        ?.slice(1)
        .map(Number);
    const rssAnonKb = Number(/^= rss\s+(\d+) kB/m.exec(outcome.stdout)?.[1]);
    const counted = Number(/^0\.\d\d 0\.\d\d 0\.\d\d \d+\/(\d+) /m.exec(outcome.stdout)?.[1]);
    const seen = { count, procpsSeconds: procps, topSeconds: top, loadcalcSeconds: loadcalc, rssAnonKb };
    process.stdout.write(`${JSON.stringify(seen)}\n`);
    // The crowd, its init, bash, its subshell, top, and sed where the pipe has it already.
    for (const whose of ["procps", "procg"]) {
      const [total = 0, running = 0] = tasks(whose) ?? [];
      expect([whose, total - count >= 3 && total - count <= 6, running]).toEqual([
        whose,
        true,
        expect.any(Number),
      ]);
    }
    // init, bash and sleep.
    expect(counted).toBe(count + 3);
    expect(top).toBeLessThan(1.1 * procps);
    expect(loadcalc).toBeLessThan(0.7 * procps);
    expect(rssAnonKb).toBeLessThanOrEqual(1229);
    expect(readdirSync(run)).toContain("loadcalc.state");
  }, 400_000);
});
