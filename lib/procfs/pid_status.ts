/**
 * /proc/PID/status. The kernel's kB become bytes.
 *
 * Vm* and Rss* are absent for kernel threads and zombies. RssAnon, RssFile, RssShmem: since 4.5; NSpid: since 4.1; VmSwap: since 2.6.34;
 * Cpus_allowed_list: since 2.6.26, with offline CPUs. See proc(5) and Documentation/filesystems/proc.rst, table 1-2.
 */
import { quote, requireCount, toCount } from "../kernfile/count.ts";
import { expandCpuList } from "../kernfile/cpu_list.ts";
import type { KernelFile } from "../kernfile/kernel_file.ts";
import { requireLines } from "../kernfile/lines.ts";
import { ParseError } from "../kernfile/parse_error.ts";

/** Real, effective, saved, file system. */
export type Ids = readonly [number, number, number, number];

/** null: this kernel, or this process, does not have the line. */
export interface PidStatus {
  /** Escaped by the kernel: "\n" and "\\" in it are two characters. */
  readonly name: string;
  /** First letter of State. */
  readonly state: string;
  readonly tgid: number;
  readonly pid: number;
  readonly ppid: number;
  readonly uid: Ids;
  readonly gid: Ids;
  readonly threads: number;
  /** From the reader's pid namespace inwards. */
  readonly nsPid: readonly number[] | null;
  readonly vmPeakBytes: number | null;
  readonly vmSizeBytes: number | null;
  readonly vmLckBytes: number | null;
  readonly vmHwmBytes: number | null;
  readonly vmRssBytes: number | null;
  readonly rssAnonBytes: number | null;
  readonly rssFileBytes: number | null;
  readonly rssShmemBytes: number | null;
  readonly vmDataBytes: number | null;
  readonly vmStkBytes: number | null;
  readonly vmExeBytes: number | null;
  readonly vmLibBytes: number | null;
  readonly vmSwapBytes: number | null;
  readonly cpusAllowedList: readonly number[] | null;
  readonly voluntary_ctxt_switches: number | null;
  readonly nonvoluntary_ctxt_switches: number | null;
}

export const pidStatus: KernelFile<PidStatus> = { name: "status", parse: parsePidStatus };

/** Throws ParseError. */
export function parsePidStatus(text: string, path: string): PidStatus {
  const record: Record<string, string> = Object.create(null);
  requireLines(text, path).forEach((line, index) => {
    const colon = line.indexOf(":");
    if (colon <= 0) throw new ParseError(path, index + 1, `not "NAME: VALUE": ${quote(line)}`);
    record[line.slice(0, colon)] = line.slice(colon + 1).trim();
  });
  const required = (key: string): string => {
    const value = record[key];
    if (value === undefined) throw new ParseError(path, 0, `no ${key}`);
    return value;
  };
  const count = (key: string): number | null => {
    const value = record[key];
    return value === undefined ? null : requireCount(value, path, 0);
  };
  const bytes = (key: string): number | null => kibToBytes(record[key], path);
  const nsPid = record.NSpid;
  const cpus = record.Cpus_allowed_list;
  return {
    name: required("Name"),
    state: required("State").slice(0, 1),
    tgid: requireCount(required("Tgid"), path, 0),
    pid: requireCount(required("Pid"), path, 0),
    ppid: requireCount(required("PPid"), path, 0),
    uid: ids(required("Uid"), path),
    gid: ids(required("Gid"), path),
    threads: requireCount(required("Threads"), path, 0),
    nsPid: nsPid === undefined ? null : nsPid.split("\t").map((field) => requireCount(field, path, 0)),
    vmPeakBytes: bytes("VmPeak"),
    vmSizeBytes: bytes("VmSize"),
    vmLckBytes: bytes("VmLck"),
    vmHwmBytes: bytes("VmHWM"),
    vmRssBytes: bytes("VmRSS"),
    rssAnonBytes: bytes("RssAnon"),
    rssFileBytes: bytes("RssFile"),
    rssShmemBytes: bytes("RssShmem"),
    vmDataBytes: bytes("VmData"),
    vmStkBytes: bytes("VmStk"),
    vmExeBytes: bytes("VmExe"),
    vmLibBytes: bytes("VmLib"),
    vmSwapBytes: bytes("VmSwap"),
    cpusAllowedList: cpus === undefined ? null : expandCpuList(cpus, path, 0),
    voluntary_ctxt_switches: count("voluntary_ctxt_switches"),
    nonvoluntary_ctxt_switches: count("nonvoluntary_ctxt_switches"),
  };
}

function kibToBytes(field: string | undefined, path: string): number | null {
  if (field === undefined) return null;
  const value = field.endsWith(" kB") ? toCount(field.slice(0, -3)) : -1;
  if (value < 0) throw new ParseError(path, 0, `not "COUNT kB": ${quote(field)}`);
  return value * 1024;
}

function ids(field: string, path: string): Ids {
  const [real, effective, saved, fileSystem] = field.split("\t");
  if (real === undefined || effective === undefined || saved === undefined || fileSystem === undefined) {
    throw new ParseError(path, 0, `not four ids: ${quote(field)}`);
  }
  return [
    requireCount(real, path, 0),
    requireCount(effective, path, 0),
    requireCount(saved, path, 0),
    requireCount(fileSystem, path, 0),
  ];
}
