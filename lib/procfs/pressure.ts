/**
 * /proc/pressure/cpu, memory, io, irq: pressure of the whole machine. Percent and microseconds.
 *
 * The host's in every container: the container's are cpu.pressure and its like (v2 only). Since 4.20, irq since 6.1;
 * EOPNOTSUPP where PSI is off. See Documentation/accounting/psi.rst.
 */
import type { KernelFile } from "../kernfile/kernel_file.ts";
import { type Pressure, parsePressure } from "../kernfile/pressure.ts";

export const pressureCpu: KernelFile<Pressure> = { name: "pressure/cpu", parse: parsePressure };
export const pressureMemory: KernelFile<Pressure> = { name: "pressure/memory", parse: parsePressure };
export const pressureIo: KernelFile<Pressure> = { name: "pressure/io", parse: parsePressure };
export const pressureIrq: KernelFile<Pressure> = { name: "pressure/irq", parse: parsePressure };
