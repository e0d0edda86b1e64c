/** What a look reads, over made-up trees: the files that no capture of a real container holds together. */
import { describe, expect, test } from "vitest";
import { openContainer } from "../container/container.ts";
import { procFiles, statLine, type Tree, V1_MAX, v1Mount } from "../container/testing/container_tree.ts";
import { memorySystem } from "../system/testing/memory_system.ts";
import { takeLook } from "./look.ts";

const POD = "/sys/fs/cgroup/pod";
const OWN = `${POD}/c`;
const V2_WHOLE = "30 20 0:26 / /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw,nsdelegate";

function lookAt(files: Tree) {
  return takeLook(openContainer(memorySystem(files), { host: false, cgroup: null }));
}

const v2 = (more: Tree = {}): Tree => ({
  ...procFiles({ initCgroup: "0::/pod/c\n", mounts: [V2_WHOLE] }),
  "/sys/fs/cgroup/cgroup.procs": "1\n",
  [`${POD}/cgroup.type`]: "domain\n",
  [`${OWN}/cgroup.type`]: "domain\n",
  [`${OWN}/cgroup.events`]: "populated 1\nfrozen 0\n",
  [`${OWN}/cgroup.procs`]: "1\n7\n",
  [`${OWN}/memory.max`]: "268435456\n",
  [`${OWN}/memory.current`]: "1000\n",
  [`${OWN}/memory.stat`]: "anon 900\nfile 100\nactive_file 50\ninactive_file 50\nslab_reclaimable 0\n",
  [`${OWN}/memory.events`]: "low 0\nhigh 0\nmax 4\noom 2\noom_kill 3\n",
  [`${OWN}/memory.events.local`]: "low 0\nhigh 0\nmax 4\noom 1\noom_kill 1\n",
  [`${POD}/memory.max`]: "536870912\n",
  [`${POD}/memory.events`]: "low 0\nhigh 0\nmax 9\noom 9\noom_kill 9\n",
  [`${POD}/memory.events.local`]: "low 0\nhigh 0\nmax 7\noom 5\noom_kill 0\n",
  [`${OWN}/cpu.stat`]:
    "usage_usec 5000\nuser_usec 4000\nsystem_usec 1000\nnr_periods 0\nnr_throttled 0\nthrottled_usec 0\n",
  [`${POD}/cpu.stat`]:
    "usage_usec 9000\nuser_usec 8000\nsystem_usec 1000\nnr_periods 30\nnr_throttled 20\nthrottled_usec 777\n",
  [`${OWN}/pids.events`]: "max 6\n",
  [`${OWN}/cpu.pressure`]: "some avg10=1.00 avg60=1.00 avg300=1.00 total=12345\n",
  ...more,
});

describe("v2, parents in sight", () => {
  test("the limits that were met: below it its own, of the parent what is the parent's alone", () => {
    const { oomKills, limitsMet } = lookAt(v2());
    expect(oomKills).toEqual({ file: `${OWN}/memory.events`, value: 3 });
    expect(limitsMet.slice(0, 2).map(({ file, count, limit }) => [file, count, limit])).toEqual([
      [`${OWN}/memory.events`, 2, 268435456],
      [`${POD}/memory.events.local`, 5, 536870912],
    ]);
  });

  test("before Linux 5.2 nothing is known of the parent's own", () => {
    const { [`${POD}/memory.events.local`]: _, ...old } = v2();
    expect(lookAt(old).limitsMet[1]?.count).toBeNull();
  });

  test("every visible quota, refused forks, pressure", () => {
    const { quotas, refusedForks, pressure } = lookAt(v2());
    expect(quotas.map(({ file, throttled }) => [file, throttled])).toEqual([
      [`${OWN}/cpu.stat`, 0],
      [`${POD}/cpu.stat`, 20],
    ]);
    expect(refusedForks.value).toBe(6);
    expect(pressure.cpu?.some?.totalUsec).toBe(12345);
    expect(pressure.memory).toBeNull();
  });
});

describe("tasks", () => {
  const waiting = statLine(7, "d", 490_010).replace(") S", ") D").replace(") R", ") D");
  const thread: Tree = {
    "/proc/7/stat": waiting,
    "/proc/7/task/7/stat": waiting,
    "/proc/7/task/7/schedstat": "5000000 3000000 9\n",
    "/proc/7/task/7/wchan": "request_wait_answer",
    "/proc/7/task/7/status":
      "Name:\td\nState:\tD\nTgid:\t7\nPid:\t7\nPPid:\t1\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nThreads:\t1\nvoluntary_ctxt_switches:\t12\n",
  };
  const first = (more: Tree) => lookAt(v2({ ...thread, ...more })).tasks.threads.find(({ tid }) => tid === 7);

  test("a thread in D: where it waits, its sleeps, its waiting time", () => {
    expect(first({})).toMatchObject({
      pid: 7,
      state: "D",
      wchan: "request_wait_answer",
      switches: 12,
      schedstat: { runUsec: 5000, delayUsec: 3000, timeslices: 9 },
    });
  });

  test("a kernel that does not tell, or lies, is not believed", () => {
    expect(first({ "/proc/7/task/7/wchan": "0" })?.wchan).toBeNull();
    expect(first({ "/proc/7/task/7/wchan": "\x1b[2Jevil\n" })?.wchan).toBeNull();
    // All 0: not counted (CONFIG_SCHED_INFO off).
    expect(first({ "/proc/7/task/7/schedstat": "0 0 0\n" })?.schedstat).toBeNull();
  });

  test("frozen threads show D on v1 and are not looked at", () => {
    const frozen = lookAt(v2({ ...thread, [`${OWN}/cgroup.events`]: "populated 1\nfrozen 1\n" }));
    expect([frozen.frozen.isFrozen, frozen.tasks.threads]).toEqual([true, []]);
  });
});

describe("v1", () => {
  const MEMORY = "/sys/fs/cgroup/memory";
  const files = (more: Tree = {}): Tree => ({
    ...procFiles({
      initCgroup: "4:memory:/c\n0::/\n",
      mounts: [v1Mount("memory", "/c"), V2_WHOLE.replace("/sys/fs/cgroup ", "/sys/fs/cgroup/unified ")],
    }),
    [`${MEMORY}/memory.limit_in_bytes`]: "67108864\n",
    [`${MEMORY}/memory.usage_in_bytes`]: "1000\n",
    [`${MEMORY}/memory.stat`]:
      "hierarchical_memory_limit 33554432\ntotal_rss 900\ntotal_cache 100\ntotal_active_file 0\ntotal_inactive_file 100\n",
    [`${MEMORY}/memory.oom_control`]: "oom_kill_disable 0\nunder_oom 0\noom_kill 4\n",
    [`${MEMORY}/memory.failcnt`]: "7\n",
    [`${MEMORY}/memory.memsw.limit_in_bytes`]: `${V1_MAX}\n`,
    ...more,
  });

  test("failcnt, with that of memory + swap where there is one", () => {
    expect(lookAt(files()).limitsMet).toMatchObject([{ figure: "failcnt", count: 7, limit: 67108864 }]);
    const both = lookAt(files({ [`${MEMORY}/memory.memsw.failcnt`]: "5\n" }));
    expect(both.limitsMet).toMatchObject([{ figure: "failcnt + memsw.failcnt", count: 12 }]);
    expect(both.oomKills.value).toBe(4);
  });

  test("hybrid: the machine's pressure, which the root of v2 would give, is not the container's", () => {
    const pressure =
      "some avg10=90.00 avg60=90.00 avg300=90.00 total=99\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=9\n";
    const look = lookAt(
      files({
        "/proc/pressure/cpu": pressure,
        "/proc/pressure/io": pressure,
        "/sys/fs/cgroup/unified/cgroup.procs": "",
      }),
    );
    expect(look.pressure).toEqual({ cpu: null, memory: null, io: null });
  });
});
