/**
 * /etc/passwd: user names by number. Not a kernel file: lines that are no entry (comments, NIS "+") are skipped.
 *
 * Absent in many images (scratch). See passwd(5).
 */
import { toCount } from "../kernfile/count.ts";
import type { KernelFile } from "../kernfile/kernel_file.ts";
import { splitLines } from "../kernfile/lines.ts";

/** Of two names for one number the first counts, as in getpwuid(3). */
export const passwd: KernelFile<ReadonlyMap<number, string>> = { name: "passwd", parse: parsePasswd };

/** Never throws. */
export function parsePasswd(text: string): Map<number, string> {
  const names = new Map<number, string>();
  for (const line of splitLines(text)) {
    const [name = "", , field] = line.split(":");
    const uid = field === undefined ? -1 : toCount(field);
    if (uid >= 0 && name !== "" && !names.has(uid)) names.set(uid, name);
  }
  return names;
}
