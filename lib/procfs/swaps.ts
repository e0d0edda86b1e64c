/**
 * /proc/swaps: swap areas. The kernel's kB become bytes.
 *
 * The host's in every container; the header alone where there is no swap. Absent without CONFIG_SWAP. See proc(5).
 */
import { quote, requireCount, requireInteger } from "../kernfile/count.ts";
import type { KernelFile } from "../kernfile/kernel_file.ts";
import { columnsOf, requireLines } from "../kernfile/lines.ts";
import { ParseError } from "../kernfile/parse_error.ts";
import { unescapeOctal } from "./mountinfo.ts";

export interface Swap {
  /** Unescaped; ends in " (deleted)" where the file was removed. */
  readonly filename: string;
  /** "partition" or "file". */
  readonly type: string;
  readonly sizeBytes: number;
  readonly usedBytes: number;
  /** Negative where the kernel chose it. */
  readonly priority: number;
}

export const swaps: KernelFile<readonly Swap[]> = { name: "swaps", parse: parseSwaps };

function parseSwaps(text: string, path: string): Swap[] {
  const rows: Swap[] = [];
  requireLines(text, path).forEach((line, index) => {
    const columns = columnsOf(line);
    const [filename = "", type = "", size = "", used = "", priority = ""] = columns;
    if (columns.length !== 5 || (index === 0 && filename !== "Filename")) {
      throw new ParseError(path, index + 1, `not five columns: ${quote(line)}`);
    }
    if (index === 0) return;
    rows.push({
      filename: unescapeOctal(filename),
      type,
      sizeBytes: requireCount(size, path, index + 1) * 1024,
      usedBytes: requireCount(used, path, index + 1) * 1024,
      priority: requireInteger(priority, path, index + 1),
    });
  });
  return rows;
}
