/**
 * /proc/PID/io. Bytes and system calls; names are the kernel's. read_bytes and write_bytes reached the block layer.
 *
 * EACCES for processes of others (ptrace rules). Absent without CONFIG_TASK_IO_ACCOUNTING. Since 2.6.20.
 * See Documentation/filesystems/proc.rst, section 3.3.
 */
import { quote, requireCount } from "../kernfile/count.ts";
import type { KernelFile } from "../kernfile/kernel_file.ts";
import { requireLines } from "../kernfile/lines.ts";
import { ParseError } from "../kernfile/parse_error.ts";

export interface PidIo {
  readonly rchar: number;
  readonly wchar: number;
  readonly syscr: number;
  readonly syscw: number;
  readonly read_bytes: number;
  readonly write_bytes: number;
  readonly cancelled_write_bytes: number;
}

export const pidIo: KernelFile<PidIo> = { name: "io", parse: parsePidIo };

function parsePidIo(text: string, path: string): PidIo {
  const record: Record<string, number> = Object.create(null);
  requireLines(text, path).forEach((line, index) => {
    const colon = line.indexOf(": ");
    if (colon <= 0) throw new ParseError(path, index + 1, `not "NAME: COUNT": ${quote(line)}`);
    record[line.slice(0, colon)] = requireCount(line.slice(colon + 2), path, index + 1);
  });
  const count = (key: string): number => {
    const value = record[key];
    if (value === undefined) throw new ParseError(path, 0, `no ${key}`);
    return value;
  };
  return {
    rchar: count("rchar"),
    wchar: count("wchar"),
    syscr: count("syscr"),
    syscw: count("syscw"),
    read_bytes: count("read_bytes"),
    write_bytes: count("write_bytes"),
    cancelled_write_bytes: count("cancelled_write_bytes"),
  };
}
