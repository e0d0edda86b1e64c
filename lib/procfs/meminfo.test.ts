import { expect, it } from "vitest";
import { checkReader } from "../kernfile/testing/check_reader.ts";
import { meminfo } from "./meminfo.ts";

checkReader(meminfo, {
  good: [
    [
      "MemTotal:        1473000 kB\nMemFree:         1300540 kB\nMemAvailable:    1232148 kB\nBuffers:               4 kB\nCached:            19792 kB\nSwapTotal:        262140 kB\nSwapFree:         262140 kB\nShmem:             19792 kB\nSReclaimable:       9536 kB\nCommitLimit:      998640 kB\nCommitted_AS:     147812 kB\nHugePages_Total:       3\nActive(anon):       7568 kB\n",
      expect.objectContaining({
        memTotalBytes: 1_508_352_000,
        memFreeBytes: 1_331_752_960,
        memAvailableBytes: 1_261_719_552,
        buffersBytes: 4096,
        cachedBytes: 20_267_008,
        shmemBytes: 20_267_008,
        sReclaimableBytes: 9_764_864,
        swapTotalBytes: 268_431_360,
        swapFreeBytes: 268_431_360,
      }),
    ],
    [
      "MemTotal:        1473000 kB\nMemFree:         1300540 kB\nBuffers: 4 kB\n",
      expect.objectContaining({
        memAvailableBytes: null,
        shmemBytes: null,
        sReclaimableBytes: null,
        swapTotalBytes: null,
      }),
    ],
  ],
  bad: [
    "MemTotal: 1 kB\n",
    "MemTotal 1 kB\n",
    "MemTotal: x kB\nMemFree: 1 kB\n",
    "MemTotal: -1 kB\nMemFree: 1 kB\n",
    "MemTotal: 1 kB\nMemFree: kB\n",
    "MemTotal: 1 2 kB\nMemFree: 1 kB\n",
    "MemTotal: 1 MB\nMemFree: 1 kB\n",
  ],
});

it("finds any line by the kernel's name: bytes, or a count without a unit", () => {
  const { lookup } = meminfo.parse(
    "MemTotal: 9 kB\nMemFree: 1 kB\nActive(anon): 7 kB\nHugePages_Total: 3\n",
    "meminfo",
  );
  expect(lookup("Active(anon)")).toBe(7168);
  expect(lookup("HugePages_Total")).toBe(3);
  expect(lookup("__proto__")).toBeNull();
  expect(lookup("Shmem")).toBeNull();
  expect(lookup("Free")).toBeNull();
});

it("takes a malformed line that nobody needed as not known", () => {
  const text = "MemTotal: 9 kB\nMemFree: 1 kB\nDirty: x kB\n";
  expect(meminfo.parse(text, "meminfo").lookup("Dirty")).toBeNull();
  expect(() => meminfo.parse(`${text}Shmem: x kB\n`, "meminfo")).toThrow("Shmem");
});
