/**
 * /proc/partitions: block devices and their sizes. The kernel's blocks (1024 bytes) become bytes.
 *
 * The host's in every container; empty without any device. See proc(5).
 */
import { quote, requireCount } from "../kernfile/count.ts";
import type { KernelFile } from "../kernfile/kernel_file.ts";
import { columnsOf, splitLines } from "../kernfile/lines.ts";
import { ParseError } from "../kernfile/parse_error.ts";

export interface Partition {
  readonly major: number;
  readonly minor: number;
  readonly name: string;
  readonly sizeBytes: number;
}

export const partitions: KernelFile<readonly Partition[]> = { name: "partitions", parse: parsePartitions };

const HEADER = "major minor  #blocks  name";

function parsePartitions(text: string, path: string): Partition[] {
  const rows: Partition[] = [];
  splitLines(text).forEach((line, index) => {
    if (index === 0) {
      if (line !== HEADER) throw new ParseError(path, 1, `an unknown header: ${quote(line)}`);
      return;
    }
    if (line === "") return;
    const columns = columnsOf(line);
    const [major = "", minor = "", blocks = "", name = ""] = columns;
    if (columns.length !== 4) throw new ParseError(path, index + 1, `not four columns: ${quote(line)}`);
    rows.push({
      major: requireCount(major, path, index + 1),
      minor: requireCount(minor, path, index + 1),
      name,
      sizeBytes: requireCount(blocks, path, index + 1) * 1024,
    });
  });
  return rows;
}
