/** The runs of faults.ts: which programs, which faults of each, two at a time. */
import { type Fault, faultRoot, faultsOf, judge, type Program, runWithFault } from "./faults.ts";

const V1 = "docker-v1-private";
const V2 = "v2-plain";

export const PROGRAMS: readonly Program[] = [
  { fixture: V2, args: ["free"] },
  { fixture: V2, args: ["free", "--json"] },
  { fixture: V1, args: ["free", "--explain"], moving: true },
  { fixture: V2, args: ["nproc"] },
  { fixture: V1, args: ["nproc", "--json"] },
  { fixture: V2, args: ["uptime"], moving: true },
  { fixture: V2, args: ["df"], moving: true },
  { fixture: V1, args: ["df", "--json"], moving: true },
  { fixture: V1, args: ["vmstat"], moving: true, steady: /\n *([0-9-]+)[^\n]*\n$/ },
  { fixture: V1, args: ["vmstat", "-s"], moving: true },
  { fixture: V1, args: ["iostat"], moving: true },
  { fixture: V2, args: ["top", "-b", "-n1"], moving: true, slow: true, steady: /^Tasks: +(\d+) total/m },
  { fixture: V2, args: ["tsar", "--live", "-i", "0.05", "--count", "1"], moving: true },
  { fixture: V2, args: ["loadcalc", "--once"], moving: true },
  { fixture: V1, args: ["metric"], moving: true },
  { fixture: V1, args: ["doctor"], moving: true },
  { fixture: V2, args: ["capture", "-n1", "/tmp/capture"], moving: true },
  { fixture: V2, args: ["install", "/tmp"], moving: true },
  { fixture: V2, args: ["tsar", "--cron", "--history", "/tmp/history"], moving: true },
  { fixture: V2, args: ["env", "--json"] },
  { fixture: V2, args: ["exec", "/procg", "nproc"], moving: true },
  { fixture: V2, args: ["register", "--stdin"], moving: true },
  { fixture: V2, args: ["why", "-i", "0.2"], moving: true, slow: true },
  { fixture: V2, args: ["host", "metric"], moving: true },
  { fixture: V2, args: ["host", "list"], moving: true },
  { fixture: V2, args: ["host", "check"], moving: true },
  { fixture: V2, args: ["--list"] },
];

/** At most `most` of them, always the same ones: each call with each errno at least once. */
export function sample(faults: readonly Fault[], most: number): Fault[] {
  const kinds = new Map<string, Fault[]>();
  for (const fault of faults) {
    const kind = `${fault.call} ${fault.errno}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), fault]);
  }
  const chosen: Fault[] = [];
  // The first of each kind, then the last ("from then on all"), then spread over what is between.
  for (let round = 0; chosen.length < most && round < 64; round++) {
    for (const [kind, all] of kinds) {
      const at =
        round === 0 ? 0 : round === 1 ? all.length - 1 : (round * 7919 + kind.length * 31) % all.length;
      const fault = all[at];
      if (fault !== undefined && !chosen.includes(fault) && (round === 0 || chosen.length < most))
        chosen.push(fault);
    }
  }
  return chosen;
}

export interface FaultReport {
  readonly runs: number;
  readonly wrong: readonly string[];
}

/** Runs `program` with all faults that `choose` picks. */
export async function tryFaults(
  folder: string,
  program: Program,
  choose: (faults: readonly Fault[]) => readonly Fault[],
): Promise<FaultReport> {
  const roots = [0, 1].map((worker) => faultRoot(`${folder}/${worker}`, program.fixture));
  const [first = ""] = roots;
  // Twice: the first run may leave something behind (caches, files) that the others find.
  await runWithFault(first, program.args, null);
  const before = await runWithFault(first, program.args, null);
  const queue = [...choose(faultsOf(before.trace))];
  const runs = queue.length;
  const wrong: string[] = [];
  const work = async (root: string): Promise<void> => {
    for (let fault = queue.shift(); fault !== undefined; fault = queue.shift()) {
      const after = await runWithFault(root, program.args, fault);
      for (const what of judge(program, before, fault, after)) {
        const at = after.trace.split("\n").find((line) => line.includes("(INJECTED)")) ?? "";
        wrong.push(`${fault.call} ${fault.errno} ${fault.when}: ${what} | ${after.stderr.trimEnd()} | ${at}`);
      }
    }
  };
  await Promise.all(roots.map(work));
  return { runs, wrong };
}
