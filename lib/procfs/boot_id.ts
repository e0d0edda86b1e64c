/**
 * /proc/sys/kernel/random/boot_id: a UUID made at boot. The same in every container of the host; gVisor has its own or none.
 *
 * See random(4).
 */
import { quote } from "../kernfile/count.ts";
import type { KernelFile } from "../kernfile/kernel_file.ts";
import { ParseError } from "../kernfile/parse_error.ts";
import { parseLine } from "../kernfile/text_line.ts";

export const bootId: KernelFile<string> = { name: "sys/kernel/random/boot_id", parse: parseBootId };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function parseBootId(text: string, path: string): string {
  const line = parseLine(text, path);
  if (!UUID.test(line)) throw new ParseError(path, 0, `not a UUID: ${quote(line)}`);
  return line;
}
