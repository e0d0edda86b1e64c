/**
 * /proc/uptime. Seconds since boot (suspend included), and the idle seconds of all CPUs added up.
 *
 * The host's, unless the reader is in a time namespace (since 5.5) or lxcfs serves the file. See proc(5).
 */
import { requireDecimal, withoutNewline } from "../kernfile/count.ts";
import type { KernelFile } from "../kernfile/kernel_file.ts";
import { ParseError } from "../kernfile/parse_error.ts";

export interface Uptime {
  readonly uptimeSeconds: number;
  readonly idleSeconds: number;
}

export const uptime: KernelFile<Uptime> = { name: "uptime", parse: parseUptime };

function parseUptime(text: string, path: string): Uptime {
  const fields = withoutNewline(text).split(" ");
  const [up, idle] = fields;
  if (up === undefined || idle === undefined || fields.length !== 2) {
    throw new ParseError(path, 0, 'not "UPTIME IDLE"');
  }
  return { uptimeSeconds: requireDecimal(up, path, 0), idleSeconds: requireDecimal(idle, path, 0) };
}
