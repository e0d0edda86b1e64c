/** How much the container can still write to a tmpfs: its pages are the container's memory, and may be swapped out. */
import { ReadError } from "../kernfile/kernel_file.ts";
import { ParseError } from "../kernfile/parse_error.ts";
import type { Container } from "./container.ts";
import { collectMemory, computeMemory } from "./memory.ts";

/**
 * Bytes of memory and swap that the container can still get at most; null: not known. Without swap accounting all of the machine's free
 * swap may be its.
 */
export function readMemoryHeadroom(container: Container): number | null {
  try {
    const sample = collectMemory(container);
    const { availableBytes, swap } = computeMemory(sample);
    const swapBytes = swap.freeBytes.value ?? sample.meminfo.swapFreeBytes;
    return availableBytes.value === null || swapBytes === null ? null : availableBytes.value + swapBytes;
  } catch (error) {
    if (error instanceof ReadError || error instanceof ParseError) return null;
    throw error;
  }
}
