/** Lists of process or thread ids, one per line: cgroup.procs, cgroup.threads, tasks. */
import { requireCount } from "./count.ts";
import { splitLines } from "./lines.ts";

/** Without the zeros that v2 writes for processes of another pid namespace. Empty text: no process. Throws ParseError. */
export function parsePidList(text: string, path: string): number[] {
  const pids: number[] = [];
  let number = 0;
  for (const line of splitLines(text)) {
    number++;
    const pid = requireCount(line, path, number);
    if (pid !== 0) pids.push(pid);
  }
  return pids;
}
