import { expect } from "vitest";
import { checkReader } from "../kernfile/testing/check_reader.ts";
import { pidStat } from "./pid_stat.ts";

checkReader(pidStat, {
  good: [
    [
      "1 (sleep) S 0 1 1 0 -1 4194560 1144 0 0 0 2 1 0 0 20 0 1 0 188999 2322432 316 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
      expect.objectContaining({
        pid: 1,
        comm: "sleep",
        state: "S",
        ppid: 0,
        tpgid: -1,
        utime: 2,
        stime: 1,
        priority: 20,
        nice: 0,
        num_threads: 1,
        starttime: 188_999,
        vsize: 2_322_432,
        rss: 316,
        processor: 1,
        policy: 0,
      }),
    ],
    [
      "1 (a) R 1 (b) x) S 0 1 1 0 -1 4194560 1144 0 0 0 2 1 0 0 20 0 1 0 188999 2322432 316 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
      expect.objectContaining({ pid: 1, comm: "a) R 1 (b) x", state: "S", starttime: 188_999 }),
    ],
    [
      "1 () S 0 1 1 0 -1 4194560 1144 0 0 0 2 1 0 0 20 0 1 0 188999 2322432 316 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
      expect.objectContaining({ comm: "" }),
    ],
    [
      "1 (sleep) S 0 1 1 0 -1 4194560 1144 0 0 0 2 1 0 0 20 0 1 0 188999 2322432 316\n",
      expect.objectContaining({ rss: 316, processor: null, guest_time: null }),
    ],
  ],
  bad: [
    "1 sleep S 0\n",
    "1 (sleep S 0\n",
    "1 (sleep)\n",
    "1 (sleep) S 0 1\n",
    "1 (sleep) SS 0 1 1 0 -1 4194560 1144 0 0 0 2 1 0 0 20 0 1 0 188999 2322432 316 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
    "1 (sleep) S 0 1 1 0 -1 4194560 1144 0 0 0 2 1 0 0 20 0 1 0 x 2322432 316 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
    "x (sleep) S 0 1 1 0 -1 4194560 1144 0 0 0 2 1 0 0 20 0 1 0 188999 2322432 316 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
    "(a) S\n",
  ],
});
