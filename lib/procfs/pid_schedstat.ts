/**
 * /proc/PID/schedstat and /proc/PID/task/TID/schedstat of one thread. The kernel's nanoseconds become microseconds.
 *
 * Time on a CPU, time ready to run that waited for one (counted when it gets one), and how often it ran. Since 2.6.9, with
 * CONFIG_SCHED_INFO; all 0 where the kernel does not count. See Documentation/scheduler/sched-stats.rst.
 */
import { quote, requireCount, withoutNewline } from "../kernfile/count.ts";
import type { KernelFile } from "../kernfile/kernel_file.ts";
import { nanosecondsToUsec } from "../kernfile/microseconds.ts";
import { ParseError } from "../kernfile/parse_error.ts";

export interface PidSchedstat {
  readonly runUsec: number;
  /** run_delay. */
  readonly delayUsec: number;
  readonly timeslices: number;
}

export const pidSchedstat: KernelFile<PidSchedstat> = { name: "schedstat", parse: parsePidSchedstat };

function parsePidSchedstat(text: string, path: string): PidSchedstat {
  const [run, delay, slices, more] = withoutNewline(text).split(" ");
  if (run === undefined || delay === undefined || slices === undefined || more !== undefined) {
    throw new ParseError(path, 0, `not three counts: ${quote(text)}`);
  }
  return {
    runUsec: nanosecondsToUsec(run, path, 0),
    delayUsec: nanosecondsToUsec(delay, path, 0),
    timeslices: requireCount(slices, path, 0),
  };
}
