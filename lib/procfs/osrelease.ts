/**
 * /proc/sys/kernel/osrelease: the kernel's release, "6.1.0-56-cloud-amd64". The host's, in a container too.
 *
 * See Documentation/admin-guide/sysctl/kernel.rst, "osrelease".
 */
import type { KernelFile } from "../kernfile/kernel_file.ts";
import { parseLine } from "../kernfile/text_line.ts";

export const osrelease: KernelFile<string> = { name: "sys/kernel/osrelease", parse: parseLine };
