/**
 * /proc/PID/stat (and /proc/PID/task/TID/stat). Names are those of proc(5); times in clock ticks, rss in pages, vsize in bytes.
 *
 * Kernels append fields: what this one does not have is null. starttime counts from boot, in a container too.
 * rss and the addresses read 0 for processes of others under hidepid or ptrace rules. See proc(5) and Documentation/filesystems/proc.rst, table 1-4.
 */
import { quote, requireCount, requireInteger, toCount, withoutNewline } from "../kernfile/count.ts";
import type { KernelFile } from "../kernfile/kernel_file.ts";
import { ParseError } from "../kernfile/parse_error.ts";

export interface PidStat {
  readonly pid: number;
  /** Up to 15 bytes (63 for kernel workers); may hold spaces and parentheses. */
  readonly comm: string;
  /** R S D T t Z X I P K W. */
  readonly state: string;
  readonly ppid: number;
  readonly pgrp: number;
  readonly session: number;
  readonly tty_nr: number;
  /** -1: no terminal. */
  readonly tpgid: number;
  readonly flags: number;
  readonly minflt: number;
  readonly cminflt: number;
  readonly majflt: number;
  readonly cmajflt: number;
  readonly utime: number;
  readonly stime: number;
  readonly cutime: number;
  readonly cstime: number;
  readonly priority: number;
  readonly nice: number;
  readonly num_threads: number;
  readonly starttime: number;
  readonly vsize: number;
  readonly rss: number;
  /** The CPU it last ran on. Since 2.2.8. */
  readonly processor: number | null;
  readonly rt_priority: number | null;
  readonly policy: number | null;
  /** Since 2.6.18; 0 unless delay accounting is on. */
  readonly delayacct_blkio_ticks: number | null;
  readonly guest_time: number | null;
  readonly cguest_time: number | null;
}

export const pidStat: KernelFile<PidStat> = { name: "stat", parse: parsePidStat };

/** Throws ParseError. */
export function parsePidStat(text: string, path: string): PidStat {
  const open = text.indexOf("(");
  const close = text.lastIndexOf(")");
  if (open < 2 || close < open || text[close + 1] !== " ") {
    throw new ParseError(path, 0, `no (COMM): ${quote(text)}`);
  }
  // fields[0] is field 3 of proc(5), the state.
  const fields = withoutNewline(text.slice(close + 2)).split(" ");
  const state = fields[0] ?? "";
  if (state.length !== 1 || fields.length < 22) {
    throw new ParseError(path, 0, `${fields.length + 2} fields, 24 at least are needed`);
  }
  const count = (number: number): number => requireCount(fields[number - 3] ?? "", path, 0);
  const integer = (number: number): number => requireInteger(fields[number - 3] ?? "", path, 0);
  const optional = (number: number): number | null => {
    const value = toCount(fields[number - 3] ?? "");
    return value < 0 ? null : value;
  };
  return {
    pid: requireCount(text.slice(0, open - 1), path, 0),
    comm: text.slice(open + 1, close),
    state,
    ppid: count(4),
    pgrp: integer(5),
    session: integer(6),
    tty_nr: integer(7),
    tpgid: integer(8),
    flags: count(9),
    minflt: count(10),
    cminflt: count(11),
    majflt: count(12),
    cmajflt: count(13),
    utime: count(14),
    stime: count(15),
    cutime: integer(16),
    cstime: integer(17),
    priority: integer(18),
    nice: integer(19),
    num_threads: count(20),
    starttime: count(22),
    vsize: count(23),
    rss: integer(24),
    processor: optional(39),
    rt_priority: optional(40),
    policy: optional(41),
    delayacct_blkio_ticks: optional(42),
    guest_time: optional(43),
    cguest_time: optional(44),
  };
}
