/**
 * cpuacct.usage_all of one cgroup (v1): a table "cpu user system". The kernel's nanoseconds become microseconds.
 *
 * One line per possible CPU. Sampled by the tick: user + system is not the exact time of usage_percpu. Since 4.8. See Documentation/admin-guide/cgroup-v1/cpuacct.rst.
 */
import { quote, requireCount } from "../../kernfile/count.ts";
import type { KernelFile } from "../../kernfile/kernel_file.ts";
import { requireLines } from "../../kernfile/lines.ts";
import { nanosecondsToUsec } from "../../kernfile/microseconds.ts";
import { ParseError } from "../../kernfile/parse_error.ts";

export interface CpuUsage {
  readonly cpu: number;
  readonly userUsec: number;
  readonly systemUsec: number;
}

export const cpuacctUsageAll: KernelFile<readonly CpuUsage[]> = {
  name: "cpuacct.usage_all",
  parse: parseUsageAll,
};

function parseUsageAll(text: string, path: string): CpuUsage[] {
  const rows: CpuUsage[] = [];
  requireLines(text, path).forEach((line, index) => {
    const number = index + 1;
    if (index === 0) {
      if (line !== "cpu user system") throw new ParseError(path, 1, `an unknown header: ${quote(line)}`);
      return;
    }
    const fields = line.split(" ");
    const [cpu, user, system] = fields;
    if (cpu === undefined || user === undefined || system === undefined || fields.length !== 3) {
      throw new ParseError(path, number, `not "CPU USER SYSTEM": ${quote(line)}`);
    }
    rows.push({
      cpu: requireCount(cpu, path, number),
      userUsec: nanosecondsToUsec(user, path, number),
      systemUsec: nanosecondsToUsec(system, path, number),
    });
  });
  return rows;
}
