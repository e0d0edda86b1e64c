import { describe, expect, test } from "vitest";
import { judgeDState, judgeFrozen, judgePids } from "./states.ts";
import { known, limitOf, look, looks, thread } from "./testing/looks.ts";

test("frozen is what the freezer says, not what the states of processes suggest", () => {
  expect(judgeFrozen(looks({ frozen: { ...look().frozen, isFrozen: true } }))).toMatchObject({
    severity: "critical",
  });
  expect(judgeFrozen(looks()).severity).toBe("none");
});

describe("pids-limit", () => {
  const pids = (current: number | null, limit: number | "max" | null) => ({
    pids: { current: known(current), limit: limitOf(limit) },
  });
  const refused = (value: number) => ({ refusedForks: { file: "/sys/fs/cgroup/pids.events", value } });

  test("full is critical, nine tenths a warning", () => {
    expect(judgePids(looks(pids(100, 100)))).toMatchObject({
      severity: "critical",
      summary: "100 of 100 tasks: the next fork fails",
    });
    expect(judgePids(looks(pids(92, 100))).severity).toBe("warning");
    expect(judgePids(looks(pids(89, 100))).severity).toBe("none");
    // One fork is left of a small limit.
    expect(judgePids(looks(pids(7, 8))).severity).toBe("warning");
    expect(judgePids(looks(pids(6, 8))).severity).toBe("none");
    expect(judgePids(looks(pids(5000, "max"))).severity).toBe("none");
  });

  test("forks refused in the interval, with room below its own limit: a parent's", () => {
    const ruling = judgePids(looks({ ...pids(12, 100), ...refused(3) }, refused(9)));
    expect(ruling).toMatchObject({
      severity: "critical",
      summary: "forks are refused with 12 tasks of 100: by the limit of a parent",
    });
  });

  test("forks refused before the interval are no finding", () => {
    expect(judgePids(looks({ ...pids(12, 100), ...refused(900) })).severity).toBe("none");
  });

  test("a limit or a count that cannot be read is unknown; forks refused are a finding even then", () => {
    expect(judgePids(looks(pids(5, null))).severity).toBe("unknown");
    expect(judgePids(looks(pids(null, 100))).severity).toBe("unknown");
    expect(judgePids(looks({ ...pids(5, null), ...refused(1) }, refused(2))).severity).toBe("critical");
  });
});

describe("d-state", () => {
  const tasks = (...threads: ReturnType<typeof thread>[]) => ({
    tasks: { processes: [], threads, threadCount: threads.length },
  });
  const sleeping = (switches: number) =>
    thread(7, { state: "D", wchan: "wait_for_completion_killable", switches });

  test("a thread in D at both looks, and where it waits", () => {
    const ruling = judgeDState(looks(tasks(sleeping(5)), tasks(sleeping(5))));
    expect(ruling.severity).toBe("warning");
    expect(ruling.evidence.map(({ value }) => value)).toEqual([1, 1, "wait_for_completion_killable"]);
  });

  test("in D again is told from in D all the time", () => {
    expect(judgeDState(looks(tasks(sleeping(5)), tasks(sleeping(9)))).evidence[1]?.value).toBe(0);
  });

  test("at one look only, or another thread: no finding", () => {
    expect(judgeDState(looks(tasks(sleeping(5)), tasks(thread(7)))).severity).toBe("none");
    expect(judgeDState(looks(tasks(sleeping(5)), tasks({ ...sleeping(5), tid: 8 }))).severity).toBe("none");
    expect(judgeDState({ ...looks(), before: null }).severity).toBe("unknown");
  });
});
