import { expect } from "vitest";
import { checkReader } from "../kernfile/testing/check_reader.ts";
import { blockStat, diskstats } from "./diskstats.ts";

checkReader(diskstats, {
  good: [
    [
      " 259       1 nvme1n1 3 1 24 13 2 5 8 6 7 32 23 9 10 11 12 1 2\n",
      [
        {
          major: 259,
          minor: 1,
          name: "nvme1n1",
          reads: 3,
          readsMerged: 1,
          readBytes: 12_288,
          readUsec: 13_000,
          writes: 2,
          writesMerged: 5,
          writtenBytes: 4096,
          writeUsec: 6000,
          inFlight: 7,
          busyUsec: 32_000,
          queueUsec: 23_000,
          discards: 9,
          discardsMerged: 10,
          discardedBytes: 5632,
          discardUsec: 12_000,
          flushes: 1,
          flushUsec: 2000,
        },
      ],
    ],
    [
      "   8       0 sda 3 1 24 13 2 5 8 6 7 32 23\n",
      [expect.objectContaining({ name: "sda", queueUsec: 23_000, discards: null, flushes: null })],
    ],
    [
      "   8       0 sda 3 1 24 13 2 5 8 6 7 32 23 9 10 11 12\n",
      [expect.objectContaining({ discardUsec: 12_000, flushes: null })],
    ],
    [
      "   8       1 sda1 3 24 2 8\n",
      [
        expect.objectContaining({
          name: "sda1",
          reads: 3,
          readBytes: 12_288,
          readUsec: null,
          writes: 2,
          writtenBytes: 4096,
          inFlight: null,
        }),
      ],
    ],
    [
      "   8       0 sda 3 1 24 13 2 5 8 6 7 32 23 9 10 11 12 1 2 99 99\n",
      [expect.objectContaining({ flushUsec: 2000 })],
    ],
  ],
  bad: [
    "   8       0 sda 3 1\n",
    "   8       0 sda 3 1 24 13 2 5 8 6 x 32 23\n",
    "   8       x sda 3 1 24 13 2 5 8 6 7 32 23\n",
    "\n",
  ],
  empty: [],
});

const STAT = {
  reads: 3,
  readsMerged: 1,
  readBytes: 12_288,
  readUsec: 13_000,
  writes: 2,
  writesMerged: 5,
  writtenBytes: 4096,
  writeUsec: 6000,
  inFlight: 7,
  busyUsec: 32_000,
  queueUsec: 23_000,
};
const UNKNOWN = { discards: null, discardsMerged: null, discardedBytes: null, discardUsec: null };

checkReader(blockStat, {
  good: [
    [
      "       3        1       24       13        2        5        8        6        7       32       23\n",
      { ...STAT, ...UNKNOWN, flushes: null, flushUsec: null },
    ],
    [
      "3 1 24 13 2 5 8 6 7 32 23 9 10 11 12 1 2\n",
      expect.objectContaining({ ...STAT, discardedBytes: 5632, flushUsec: 2000 }),
    ],
  ],
  bad: ["3 1 24\n", "3 1 24 13 2 5 8 6 x 32 23\n", "\n"],
});
