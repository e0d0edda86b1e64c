/** What is said on stderr, once, beside numbers that are no more than upper bounds: the host's must not pass for the container's. */
import type { CpuShareSample } from "./cpu_share.ts";
import type { MemoryModel } from "./memory_model.ts";

/** `unread` of CpuLimitModel as a sentence. */
export function quotaDoubt(unread: string): string {
  return `the CPU quota is not known: ${unread}`;
}

/** null: nothing to say. `figures`: what the tool prints of it, "free" or "total, free and available". */
export function memoryDoubt({ upperBoundsOnly, limit, source }: MemoryModel, figures: string): string | null {
  if (!upperBoundsOnly) return null;
  const are = figures.includes(" and ") ? "are" : "is";
  if (source === "host")
    return `no memory cgroup can be seen: ${figures} ${are} the host's, upper bounds only`;
  return limit.value === null
    ? `the memory limit cannot be read: ${figures} ${are} upper bounds only`
    : `what is in use cannot be read: ${figures.replace("total, ", "")} ${are} upper bounds only`;
}

/** Both, for a tool that shows shares of the CPUs and memory. */
export function doubtsOf(cpu: CpuShareSample | null, memory: MemoryModel, figures: string): string[] {
  const unread = cpu?.cgroup?.limit.quotaUnread ?? null;
  const doubt = memoryDoubt(memory, figures);
  return [...(doubt === null ? [] : [doubt]), ...(unread === null ? [] : [quotaDoubt(unread)])];
}
