/**
 * cpu.pressure, memory.pressure, io.pressure, irq.pressure of one cgroup (v2), with all descendants. Percent and microseconds.
 *
 * There without any controller. Since 4.20; irq: since 6.1, full only. EOPNOTSUPP where PSI is off (psi=0, or cgroup.pressure 0, since 6.1: the files are hidden);
 * absent on v1. See Documentation/accounting/psi.rst.
 */
import type { KernelFile } from "../../kernfile/kernel_file.ts";
import { type Pressure, parsePressure } from "../../kernfile/pressure.ts";

export const cpuPressure: KernelFile<Pressure> = { name: "cpu.pressure", parse: parsePressure };
export const memoryPressure: KernelFile<Pressure> = { name: "memory.pressure", parse: parsePressure };
export const ioPressure: KernelFile<Pressure> = { name: "io.pressure", parse: parsePressure };
export const irqPressure: KernelFile<Pressure> = { name: "irq.pressure", parse: parsePressure };
