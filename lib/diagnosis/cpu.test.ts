import { describe, expect, test } from "vitest";
import { judgeNeighbour, judgeThrottled } from "./cpu.ts";
import { hostCpu, known, limitOf, look, looks, pressureOf, thread } from "./testing/looks.ts";

const OWN = "/sys/fs/cgroup/cpu.stat";
const quota = (file: string, periods: number, throttled: number, throttledUsec = 0) => ({
  file,
  periods,
  throttled,
  throttledUsec,
});

describe("throttled", () => {
  test("from a tenth of the periods on, by its own quota; the figures are those of the interval", () => {
    const ruling = judgeThrottled(
      looks({ quotas: [quota(OWN, 1000, 900, 5e6)] }, { quotas: [quota(OWN, 1020, 904, 6e6)] }, 0.5),
    );
    expect(ruling).toMatchObject({
      severity: "warning",
      summary: "its CPU quota cut 20 % of the periods short",
    });
    expect(ruling.evidence.map(({ value }) => value)).toEqual(["4 / 20", 0.5, 0.5]);
  });

  test("half of the periods are critical", () => {
    const pair = looks({ quotas: [quota(OWN, 0, 0)] }, { quotas: [quota(OWN, 20, 10)] });
    expect(judgeThrottled(pair).severity).toBe("critical");
  });

  test("what was before the interval is no finding, nor are two periods", () => {
    expect(judgeThrottled(looks({ quotas: [quota(OWN, 100, 100)] }, {})).severity).toBe("none");
    const two = looks({ quotas: [quota(OWN, 0, 0)] }, { quotas: [quota(OWN, 10, 2)] });
    expect(judgeThrottled(two).severity).toBe("none");
  });

  test("a visible parent's quota is named as such", () => {
    const parent = "/sys/fs/cgroup/pod/cpu.stat";
    const ruling = judgeThrottled(
      looks(
        { quotas: [quota(OWN, 0, 0), quota(parent, 0, 0)] },
        { quotas: [quota(OWN, 20, 0), quota(parent, 20, 15)] },
      ),
    );
    expect(ruling.summary).toBe("the CPU quota of a parent cgroup cut 75 % of the periods short");
    expect(ruling.evidence[0]?.file).toBe(parent);
  });

  test("a hidden parent's quota that the registration tells: used up, and what cannot be seen is said", () => {
    const hidden = { file: "/run/procg/host/instance.json", memoryBytes: null, cpuCores: 0.6 };
    const cpuLimit = { ...look().cpuLimit, quota: limitOf(0.6), capacityCores: known(0.6) };
    const ruling = judgeThrottled(looks({ hidden, cpuLimit }, {}, 0.599));
    expect(ruling).toMatchObject({ severity: "warning" });
    expect(ruling.evidence[1]?.rule).toContain("cannot be seen");
    expect(judgeThrottled(looks({ hidden, cpuLimit }, {}, 0.4)).severity).toBe("none");
  });

  test("counters that went backwards, a cgroup made anew, one look: nothing is claimed", () => {
    const back = looks({ quotas: [quota(OWN, 100, 50)] }, { quotas: [quota(OWN, 20, 20)] });
    expect(judgeThrottled(back).severity).toBe("none");
    expect(judgeThrottled({ ...looks(), before: null }).severity).toBe("unknown");
    const cpuLimit = { ...look().cpuLimit, quota: limitOf(null) };
    expect(judgeThrottled(looks({ cpuLimit })).severity).toBe("unknown");
  });
});

describe("noisy-neighbour", () => {
  const busy = { hostCpu: hostCpu(look(), 0.95) };

  test("pressure without own use, while others use its CPUs", () => {
    const ruling = judgeNeighbour(
      looks({}, { ...busy, pressure: { ...look().pressure, cpu: pressureOf(1.2) } }, 0.3),
    );
    expect(ruling.severity).toBe("warning");
    expect(ruling.evidence[0]).toMatchObject({ file: "/sys/fs/cgroup/cpu.pressure", value: 0.6 });
  });

  test("one that uses its CPUs itself waits for itself; where others are idle nobody is noisy", () => {
    const waiting = { pressure: { ...look().pressure, cpu: pressureOf(1.2) } };
    const itself = judgeNeighbour(looks({}, { ...busy, ...waiting }, 1.8));
    const alone = judgeNeighbour(looks({}, { ...waiting, hostCpu: hostCpu(look(), 0.2) }, 0.3));
    expect([itself.severity, alone.severity]).toEqual(["none", "none"]);
    // The figure that decides is told.
    expect(itself.evidence[0]?.figure).toMatch(/^CPU used/);
    expect(alone.evidence[0]?.figure).toMatch(/^what others use/);
  });

  test("an idle container among busy ones is healthy: it waits for nothing", () => {
    expect(judgeNeighbour(looks({}, busy, 0)).severity).toBe("none");
  });

  const v1 = { pressure: { cpu: null, memory: null, io: null } };
  const ran = (delayUsec: number, timeslices = 1) => ({ runUsec: 10, delayUsec, timeslices });
  const tasks = (...threads: ReturnType<typeof thread>[]) => ({
    tasks: { processes: [], threads, threadCount: threads.length },
  });

  test("v1: the waiting time of its threads; of a thread that is new nothing is known", () => {
    const before = { ...v1, ...tasks(thread(5, { schedstat: ran(1e6) }), thread(6, { schedstat: ran(0) })) };
    const after = {
      ...busy,
      ...tasks(
        thread(5, { schedstat: ran(1.9e6) }),
        thread(6, { schedstat: ran(0) }),
        thread(9, { schedstat: ran(9e6) }),
      ),
    };
    const ruling = judgeNeighbour(looks(before, after, 0.1));
    expect(ruling.severity).toBe("warning");
    expect(ruling.evidence[0]?.value).toBeCloseTo(0.45);
  });

  test("v1: a thread that was ready all the time and never ran has waited all the time", () => {
    const starved = tasks(thread(5, { state: "R", schedstat: ran(0) }));
    const ruling = judgeNeighbour(looks({ ...v1, ...starved }, { ...busy, ...starved }, 0));
    expect(ruling.evidence[0]?.value).toBe(1);
    expect(ruling.severity).toBe("warning");
  });

  test("neither pressure nor schedstat: unknown; so without the host's CPUs", () => {
    expect(judgeNeighbour(looks({ ...v1, ...tasks(thread(5)) }, busy)).severity).toBe("unknown");
    expect(judgeNeighbour(looks({ hostCpu: null }, { hostCpu: null })).severity).toBe("unknown");
    expect(judgeNeighbour({ ...looks(), before: null }).severity).toBe("unknown");
  });

  test("steal of its CPUs is the neighbour of the machine", () => {
    const ruling = judgeNeighbour(looks({}, { hostCpu: hostCpu(look(), 0.3, 0.25) }));
    expect(ruling).toMatchObject({
      severity: "warning",
      summary: "the hypervisor gave 25 % of the CPUs' time to other machines",
    });
  });
});
