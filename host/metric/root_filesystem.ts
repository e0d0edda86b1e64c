/** The container's root file system, asked through /proc/PID/root by a child that is given a second. */
import type { FilesystemEntry } from "../../lib/container/document.ts";
import type { System } from "../../lib/system/system.ts";
import type { ContainerFacts } from "../engine/engine.ts";

/** null: it does not answer. A quota that statvfs does not show replaces the size; what is used is not known then. */
export function statvfsEntry(system: System, facts: ContainerFacts): readonly FilesystemEntry[] | null {
  const status = system.statvfsTimed(`/proc/${facts.pid}/root/`, 1);
  if (typeof status === "number") return null;
  const bytes = (blocks: number): number => blocks * status.fragmentBytes;
  const sizeBytes = bytes(status.blocks);
  const quota = facts.rootfsQuotaBytes;
  const hidden = quota !== null && quota < sizeBytes;
  return [
    {
      mountpoint: "/",
      device: "rootfs",
      fsType: "",
      sizeBytes: hidden ? quota : sizeBytes,
      usedBytes: hidden ? null : bytes(status.blocks - status.blocksFree),
      availableBytes: Math.max(0, bytes(status.blocksAvailable)),
      inodes: status.inodes,
      inodesFree: status.inodesFree,
    },
  ];
}
