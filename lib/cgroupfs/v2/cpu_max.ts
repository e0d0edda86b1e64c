/**
 * cpu.max and cpu.max.burst of one cgroup (v2). Microseconds: "QUOTA PERIOD", QUOTA may be "max".
 *
 * Absent in the real root and where the cpu controller is not enabled. cpu.max.burst: since 5.14.
 * See Documentation/admin-guide/cgroup-v2.rst, "CPU Interface Files".
 */
import { parseCount, requireCount, withoutNewline } from "../../kernfile/count.ts";
import type { KernelFile } from "../../kernfile/kernel_file.ts";
import { type Limit, requireLimit } from "../../kernfile/limit.ts";
import { ParseError } from "../../kernfile/parse_error.ts";

export interface CpuMax {
  readonly quotaUsec: Limit;
  /** Above 0. */
  readonly periodUsec: number;
}

export const cpuMax: KernelFile<CpuMax> = { name: "cpu.max", parse: parseCpuMax };
/** Microseconds that may be used on top of one period's quota. */
export const cpuMaxBurst: KernelFile<number> = { name: "cpu.max.burst", parse: parseCount };

function parseCpuMax(text: string, path: string): CpuMax {
  const fields = withoutNewline(text).split(" ");
  const [quota, period] = fields;
  if (quota === undefined || period === undefined || fields.length !== 2) {
    throw new ParseError(path, 0, 'not "QUOTA PERIOD"');
  }
  const periodUsec = requireCount(period, path, 0);
  if (periodUsec === 0) throw new ParseError(path, 0, "period 0");
  return { quotaUsec: requireLimit(quota, path, 0), periodUsec };
}
