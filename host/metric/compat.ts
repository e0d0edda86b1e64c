/**
 * blkio_stats and freezer_stats of the old libcontainer statistics, from the files of cgroup v1. What the kernel does not have is
 * left out: CFQ's files are gone since 5.0, BFQ's stand only where that scheduler is built in, freezer.*_freezing since 3.8.
 *
 * The two kinds that every request is counted in come from blkio.throttle.* where neither scheduler counts them, as Docker does it.
 */
import type { Container } from "../../lib/container/container.ts";
import type { BlkioRow, CompatStats } from "../../lib/container/docker_metric.ts";

/** Key of libcontainer, and the file's name behind "blkio." or "blkio.bfq.". */
const BLKIO: readonly (readonly [key: string, file: string])[] = [
  ["io_service_bytes_recursive", "io_service_bytes_recursive"],
  ["io_serviced_recursive", "io_serviced_recursive"],
  ["io_queue_recursive", "io_queued_recursive"],
  ["io_service_time_recursive", "io_service_time_recursive"],
  ["io_wait_time_recursive", "io_wait_time_recursive"],
  ["io_merged_recursive", "io_merged_recursive"],
  ["io_time_recursive", "time_recursive"],
  ["sectors_recursive", "sectors_recursive"],
];

export function readCompatStats({ system, location }: Container): CompatStats {
  const blkio: Record<string, readonly BlkioRow[]> = {};
  const io = location("io");
  if (io?.version === 1) {
    for (const [key, file] of BLKIO) {
      for (const prefix of ["blkio.", "blkio.bfq.", "blkio.throttle."]) {
        const text = system.readText(`${io.directory}/${prefix}${file}`);
        const rows = typeof text === "number" ? [] : parseBlkioRows(text);
        if (rows.length === 0) continue;
        blkio[key] = rows;
        break;
      }
    }
  }
  const freezer: Record<string, string> = {};
  const frozen = location("freezer");
  if (frozen?.version === 1) {
    for (const key of ["parent", "self"]) {
      const text = system.readText(`${frozen.directory}/freezer.${key}_freezing`);
      if (typeof text === "string") freezer[`${key}_state`] = text.trim();
    }
  }
  return { blkio_stats: blkio, freezer_stats: freezer };
}

/** "MAJOR:MINOR OP VALUE", or without OP (time, sectors); "Total VALUE" at the end is no row. */
export function parseBlkioRows(text: string): BlkioRow[] {
  const rows: BlkioRow[] = [];
  for (const line of text.split("\n")) {
    const match = /^(\d+):(\d+) (?:([A-Za-z]+) )?(\d+)$/.exec(line);
    if (match === null) continue;
    const [, major, minor, op = "", value] = match;
    rows.push({ major: Number(major), minor: Number(minor), op, value: Number(value) });
  }
  return rows;
}
