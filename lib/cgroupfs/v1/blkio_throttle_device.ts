/**
 * blkio.throttle.{read,write}_{bps,iops}_device of one cgroup (v1): limits by device (MAJOR:MINOR), bytes or operations per second.
 *
 * Only devices with a limit have a line: empty is no limit. See Documentation/admin-guide/cgroup-v1/blkio-controller.rst.
 */
import { parseDeviceCounts } from "../../kernfile/device_counts.ts";
import type { KernelFile } from "../../kernfile/kernel_file.ts";

type DeviceLimits = KernelFile<ReadonlyMap<string, number>>;

export const blkioThrottleReadBpsDevice: DeviceLimits = {
  name: "blkio.throttle.read_bps_device",
  parse: parseDeviceCounts,
};
export const blkioThrottleWriteBpsDevice: DeviceLimits = {
  name: "blkio.throttle.write_bps_device",
  parse: parseDeviceCounts,
};
export const blkioThrottleReadIopsDevice: DeviceLimits = {
  name: "blkio.throttle.read_iops_device",
  parse: parseDeviceCounts,
};
export const blkioThrottleWriteIopsDevice: DeviceLimits = {
  name: "blkio.throttle.write_iops_device",
  parse: parseDeviceCounts,
};
