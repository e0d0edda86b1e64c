/**
 * /proc/cpuinfo: online CPUs of the machine, and what they are called. The host's in every container.
 *
 * Every architecture has its own keys; "model name" is missing on arm64. See proc(5).
 */
import type { KernelFile } from "../kernfile/kernel_file.ts";
import { requireLines } from "../kernfile/lines.ts";
import { ParseError } from "../kernfile/parse_error.ts";

export interface Cpuinfo {
  /** Number of "processor" entries. */
  readonly processors: number;
  /** Of the first CPU. */
  readonly modelName: string | null;
}

export const cpuinfo: KernelFile<Cpuinfo> = { name: "cpuinfo", parse: parseCpuinfo };

function parseCpuinfo(text: string, path: string): Cpuinfo {
  let processors = 0;
  let modelName: string | null = null;
  for (const line of requireLines(text, path)) {
    const colon = line.indexOf(":");
    if (colon < 0) continue;
    const key = line.slice(0, colon).trim();
    // s390 writes "processor 0: version = ...".
    if (key === "processor" || key.startsWith("processor ")) processors++;
    else if (modelName === null && key === "model name") modelName = line.slice(colon + 1).trim();
  }
  if (processors === 0) throw new ParseError(path, 0, "no processor");
  return { processors, modelName };
}
