/** The limit above which the kernel reclaims and throttles but does not kill: shown, never a total. */
import { memorySoftLimitInBytes } from "../cgroupfs/v1/memory_limit_in_bytes.ts";
import { memoryHigh } from "../cgroupfs/v2/memory_max.ts";
import { attempt } from "../kernfile/kernel_file.ts";
import type { Limit } from "../kernfile/limit.ts";
import type { Container } from "./container.ts";

/** memory.high, or v1's soft limit, of the container's own directory. Bytes; null: not known. */
export function readSoftLimit(container: Container): Limit | null {
  const location = container.kind === "machine" ? null : container.location("memory");
  if (location === null) return null;
  const file = location.version === 2 ? memoryHigh : memorySoftLimitInBytes;
  return attempt(container.system, location.directory, file).value;
}
