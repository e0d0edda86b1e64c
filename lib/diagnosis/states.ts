/** Rules on tasks: frozen, too many, in uninterruptible sleep. */
import { evidence, type Looks, moved, NO_INTERVAL, percent, type Ruling, unknownRuling } from "./ruling.ts";
import { THREADS_MOST, type ThreadLook } from "./tasks.ts";

const PIDS_NEAR = 0.9;
/** Of a small limit. */
const PIDS_LEFT = 1;
/** Threads that are named. */
const NAMED = 4;

export function judgeFrozen({ after }: Looks): Ruling {
  const { file, isFrozen } = after.frozen;
  return {
    id: "frozen",
    severity: isFrozen ? "critical" : "none",
    summary: isFrozen ? "it is frozen (paused): none of its threads runs" : "not frozen",
    evidence: file === "" ? [] : [evidence(file, "frozen", isFrozen ? "yes" : "no", "", "yes")],
    advice: isFrozen ? "thaw it: docker unpause" : null,
  };
}

export function judgePids({ before, after }: Looks): Ruling {
  const id = "pids-limit";
  const { current, limit } = after.pids;
  const refused = moved(before?.refusedForks.value, after.refusedForks.value);
  const counted =
    refused === null
      ? []
      : [evidence(after.refusedForks.file, "forks refused (max) in the interval", refused, "", "at least 1")];
  const [tasks, most] = [current.value, limit.value];
  if (tasks === null || most === null)
    return {
      id,
      severity: refused ? "critical" : after.kind === "machine" ? "none" : "unknown",
      summary: refused ? "forks are refused" : "how many tasks it has, or may have, cannot be read",
      evidence: counted,
      advice: refused ? "raise the pids limit (docker update --pids-limit)" : null,
    };
  const ratio = most === "max" ? 0 : most === 0 ? 1 : tasks / most;
  const found = [
    evidence(current.from[0]?.path ?? "", "pids.current", tasks),
    evidence(
      limit.source ?? "",
      "pids.max",
      most,
      "",
      `${percent(PIDS_NEAR)} of it in use, or ${PIDS_LEFT} left`,
    ),
    ...counted,
  ];
  const isNear = ratio >= PIDS_NEAR || (most !== "max" && most - tasks <= PIDS_LEFT);
  // Forks that fail far below its own limit fail at that of a parent.
  const isParents = refused !== null && refused > 0 && !isNear;
  if (!isNear && !refused)
    return { id, severity: "none", summary: `${tasks} tasks of ${most}`, evidence: found, advice: null };
  const isFull = ratio >= 1 || (refused ?? 0) > 0;
  return {
    id,
    severity: isFull ? "critical" : "warning",
    summary: isParents
      ? `forks are refused with ${tasks} tasks of ${most}: by the limit of a parent`
      : `${tasks} of ${most} tasks: ${isFull ? "the next fork fails" : "nearly all"}`,
    evidence: found,
    advice: isParents
      ? "raise the parent's pids limit, on the host"
      : "look for threads and children that nobody waits for (`procg top -b -H -n1`), or raise the limit (docker update --pids-limit)",
  };
}

/** Threads that were in D at both looks; with another number of sleeps, they were in D again. */
export function threadsInD({ before, after }: Looks): readonly (ThreadLook & { readonly stuck: boolean })[] {
  const last = new Map<number, ThreadLook>();
  for (const thread of before?.tasks.threads ?? [])
    if (thread.state === "D") last.set(thread.tid | 0, thread);
  const found: (ThreadLook & { readonly stuck: boolean })[] = [];
  for (const thread of after.tasks.threads) {
    const earlier = thread.state === "D" ? last.get(thread.tid | 0) : undefined;
    if (earlier === undefined || earlier.pid !== thread.pid) continue;
    found.push({ ...thread, stuck: thread.switches !== null && thread.switches === earlier.switches });
  }
  return found;
}

export function judgeDState(looks: Looks): Ruling {
  const id = "d-state";
  const { before, after } = looks;
  if (before === null) return unknownRuling(id, NO_INTERVAL);
  const threads = threadsInD(looks);
  if (threads.length === 0)
    return { id, severity: "none", summary: "no thread is in D at both looks", evidence: [], advice: null };
  const stuck = threads.filter((thread) => thread.stuck).length;
  const count = threads.length;
  return {
    id,
    severity: "warning",
    summary: `${count} ${count === 1 ? "thread waits" : "threads wait"} uninterruptibly (D): load without CPU`,
    evidence: [
      evidence("/proc/PID/task/TID/stat", "threads in D at both looks", count, "", "at least 1"),
      evidence("/proc/PID/task/TID/status", "of them in the same sleep all the time", stuck),
      ...threads
        .slice(0, NAMED)
        .map(({ tid, pid, comm, wchan }) =>
          evidence(`/proc/${pid}/task/${tid}/wchan`, `${comm} (${tid}) waits in`, wchan ?? "not told"),
        ),
      ...(after.tasks.threads.length >= THREADS_MOST
        ? [
            evidence(
              "/proc",
              "threads that were not looked at",
              after.tasks.threadCount - after.tasks.threads.length,
            ),
          ]
        : []),
    ],
    advice:
      "they wait for a device, a file server, a frozen file system or a child of vfork(2): look at what they have open",
  };
}
