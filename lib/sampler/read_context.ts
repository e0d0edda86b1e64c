/** What the modules read from, and what they share within one sample. */
import type { Container } from "../container/container.ts";
import { type CpuShareSample, collectCpuShare } from "../container/cpu_share.ts";
import { type LoadReading, readLoad } from "../container/load.ts";
import { collectMemory, computeMemory } from "../container/memory.ts";
import type { MemoryModel } from "../container/memory_model.ts";
import { attempt, type KernelFile, ReadError } from "../kernfile/kernel_file.ts";
import { ParseError } from "../kernfile/parse_error.ts";
import { type NetNetstat, type NetSnmp, netNetstat, netSnmp } from "../procfs/net_snmp.ts";
import type { System } from "../system/system.ts";

export interface ReadContext {
  readonly container: Container;
  readonly system: System;
  /** Names of processes (comm) that --proc counts; empty: the container's init. */
  readonly processNames: readonly string[];
  readonly cpu: () => CpuShareSample | null;
  readonly memory: () => MemoryModel | null;
  readonly load: () => LoadReading;
  readonly snmp: () => NetSnmp | null;
  readonly netstat: () => NetNetstat | null;
}

/** Each is read once per sample, when it is first asked for. */
export function readContext(
  container: Container,
  processNames: readonly string[],
  load: LoadReading | null,
): ReadContext {
  return {
    container,
    system: container.system,
    processNames,
    cpu: once(() => orNull(() => collectCpuShare(container))),
    memory: once(() => orNull(() => computeMemory(collectMemory(container)))),
    load: () => load ?? readLoad(container),
    snmp: once(() => readNet(container, netSnmp)),
    netstat: once(() => readNet(container, netNetstat)),
  };
}

/** A file below net/ of whoever the container's init is; in trees without such directories the one of /proc. */
export function readNet<T>(container: Container, file: KernelFile<T>): T | null {
  return (
    attempt(container.system, container.selfDirectory, file).value ??
    attempt(container.system, "/proc", file).value
  );
}

/** A file that cannot be read makes its figures unknown; the other modules go on. */
export function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof ReadError || error instanceof ParseError) return null;
    throw error;
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
