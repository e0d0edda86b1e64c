/**
 * blkio.weight (CFQ, up to 4.20; 10 to 1000) and blkio.bfq.weight (BFQ, since 4.12; 1 to 1000) of one cgroup (v1). Shares, not limits.
 *
 * See Documentation/admin-guide/cgroup-v1/blkio-controller.rst and Documentation/block/bfq-iosched.rst.
 */
import { parseCount } from "../../kernfile/count.ts";
import type { KernelFile } from "../../kernfile/kernel_file.ts";

export const blkioWeight: KernelFile<number> = { name: "blkio.weight", parse: parseCount };
export const blkioBfqWeight: KernelFile<number> = { name: "blkio.bfq.weight", parse: parseCount };
