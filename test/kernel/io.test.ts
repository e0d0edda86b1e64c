/** Block IO of a container on a disk with a limit, against io.stat or blkio of the kernel. */
import { describe, expect, it } from "vitest";
import type { ContainerDocument } from "../../lib/container/document.ts";
import type { IostatDocument } from "../../tools/iostat/json.ts";
import type { VmstatDocument } from "../../tools/vmstat/json.ts";
import { guestsWith } from "./guests.ts";
import { expectRateWithin, guestResults, M, SKIP } from "./results.ts";

describe.skipIf(SKIP !== undefined).each(guestsWith("io"))("$name, IO", (options) => {
  const guest = guestResults(options);
  const v2 = guest.has("io/end/io.stat");
  const [number = "", disk = ""] =
    guest.verdict.problem === null ? guest.text("io/disk").trim().split(" ") : [];

  /** Bytes that the kernel counts for the disk. */
  const kernel = (when: string, direction: "Read" | "Write"): number => {
    const text = guest.text(`io/${when}/${v2 ? "io.stat" : "blkio.throttle.io_service_bytes"}`);
    const line = v2
      ? new RegExp(`^${number} .*\\b${direction === "Read" ? "rbytes" : "wbytes"}=(\\d+)`, "m")
      : new RegExp(`^${number} ${direction} (\\d+)$`, "m");
    return Number(line.exec(text)?.[1] ?? 0);
  };
  const device = (document: IostatDocument | undefined) =>
    document?.devices.find((each) => each.name === disk);

  it("10 MiB read, 1 MiB written: to the byte", () => {
    expect([kernel("end", "Read"), kernel("end", "Write")]).toEqual([10 * M, M]);
    const [document] = guest.jsonLines<IostatDocument>("io/iostat-end.json");
    expect(document?.intervalSeconds).toBeNull();
    expect(device(document)).toMatchObject({ readBytes: 10 * M, writtenBytes: M });
    const { io } = guest.json<ContainerDocument>("io/metric.json");
    expect(io.devices?.find((each) => each.device === disk)).toMatchObject({
      majorMinor: number,
      readBytes: 10 * M,
      writeBytes: M,
    });
  });

  it("2 MiB/s at most: the rate, the limit, and how much of it is used", () => {
    const grown = kernel("after", "Read") - kernel("before", "Read");
    const seconds = guest.uptime("io/after") - guest.uptime("io/before");
    const rate = device(guest.jsonLines<IostatDocument>("io/iostat.json").at(-1));
    // On a starved machine less than the limit is read.
    expect(grown).toBeGreaterThan(M);
    expectRateWithin(rate?.readBytesPerSec, grown, seconds, 2 * M, 2);
    expect(rate?.limits.readBytes.limitPerSec).toBe(2 * M);
    expect(rate?.limits.readBytes.usedRatio).toBeCloseTo((rate?.readBytesPerSec ?? 0) / (2 * M), 6);
    expect(rate?.limits.writes.limitPerSec).toBe(1000);
    expect(rate?.limits.writtenBytes.limitPerSec).toBe("max");
    const { io } = guest.jsonLines<VmstatDocument>("io/vmstat.json").at(-1) ?? {};
    expectRateWithin(io?.readBytesPerSec, grown, seconds, 2 * M, 2);
  });
});
