/**
 * /proc/stat: CPU times of the whole machine in clock ticks since boot, and a few counters.
 *
 * The host's in every container, unless lxcfs serves the file. An offline CPU has no line: numbers may have gaps. steal: since 2.6.11;
 * guest: since 2.6.24; guest_nice: since 2.6.33, both also contained in user and nice. See proc(5).
 */
import { quote, requireCount } from "../kernfile/count.ts";
import type { KernelFile } from "../kernfile/kernel_file.ts";
import { requireLines } from "../kernfile/lines.ts";
import { ParseError } from "../kernfile/parse_error.ts";

/** Clock ticks. A column that this kernel does not have is 0, as procps counts it. */
export interface CpuTicks {
  readonly user: number;
  readonly nice: number;
  readonly system: number;
  readonly idle: number;
  readonly iowait: number;
  readonly irq: number;
  readonly softirq: number;
  readonly steal: number;
  readonly guest: number;
  readonly guest_nice: number;
}

export interface NumberedCpuTicks extends CpuTicks {
  /** 4 in "cpu4". */
  readonly cpu: number;
}

export interface ProcStat {
  /** The "cpu" line: all CPUs. */
  readonly total: CpuTicks;
  /** In the order of the file. */
  readonly cpus: readonly NumberedCpuTicks[];
  /** First number of the "intr" line: all interrupts. */
  readonly intr: number | null;
  readonly ctxt: number | null;
  /** Seconds since the epoch. */
  readonly btime: number | null;
  /** Forks since boot. */
  readonly processes: number | null;
  readonly procs_running: number | null;
  readonly procs_blocked: number | null;
}

export const procStat: KernelFile<ProcStat> = { name: "stat", parse: parseStat };

/** Throws ParseError. */
export function parseStat(text: string, path: string): ProcStat {
  let total: CpuTicks | null = null;
  const cpus: NumberedCpuTicks[] = [];
  const counters: Record<string, number> = Object.create(null);
  let number = 0;
  for (const line of requireLines(text, path)) {
    number++;
    const space = line.indexOf(" ");
    if (space <= 0) throw new ParseError(path, number, `no key: ${quote(line)}`);
    const key = line.slice(0, space);
    if (key === "cpu") total = parseTicks(line.slice(space + 1).trim(), path, number);
    else if (key.startsWith("cpu")) {
      const cpu = requireCount(key.slice(3), path, number);
      cpus.push({ cpu, ...parseTicks(line.slice(space + 1), path, number) });
    } else {
      // intr and softirq: the sum comes first; the rest of the line is long and not needed.
      const next = line.indexOf(" ", space + 1);
      counters[key] = requireCount(line.slice(space + 1, next < 0 ? line.length : next), path, number);
    }
  }
  if (total === null) throw new ParseError(path, 0, "no cpu line");
  return {
    total,
    cpus,
    intr: counters.intr ?? null,
    ctxt: counters.ctxt ?? null,
    btime: counters.btime ?? null,
    processes: counters.processes ?? null,
    procs_running: counters.procs_running ?? null,
    procs_blocked: counters.procs_blocked ?? null,
  };
}

function parseTicks(columns: string, path: string, number: number): CpuTicks {
  const fields = columns.split(" ");
  if (fields.length < 4)
    throw new ParseError(path, number, `${fields.length} columns, 4 at least are needed`);
  const ticks = (index: number): number => {
    const field = fields[index];
    return field === undefined ? 0 : requireCount(field, path, number);
  };
  return {
    user: ticks(0),
    nice: ticks(1),
    system: ticks(2),
    idle: ticks(3),
    iowait: ticks(4),
    irq: ticks(5),
    softirq: ticks(6),
    steal: ticks(7),
    guest: ticks(8),
    guest_nice: ticks(9),
  };
}
