import { expect } from "vitest";
import { checkReader } from "../kernfile/testing/check_reader.ts";
import { pidStatus } from "./pid_status.ts";

checkReader(pidStatus, {
  good: [
    [
      "Name:\tkc\\nap\nUmask:\t0022\nState:\tR (running)\nTgid:\t4\nNgid:\t0\nPid:\t4\nPPid:\t0\nUid:\t0\t1\t2\t3\nGid:\t4\t5\t6\t7\nGroups:\t \nNSpid:\t40\t4\nVmSize:\t    1308 kB\nVmRSS:\t       4 kB\nRssAnon:\t       4 kB\nThreads:\t1\nCpus_allowed_list:\t0-1,3\nvoluntary_ctxt_switches:\t9\nnonvoluntary_ctxt_switches:\t7\n",
      expect.objectContaining({
        name: "kc\\nap",
        state: "R",
        tgid: 4,
        pid: 4,
        ppid: 0,
        uid: [0, 1, 2, 3],
        gid: [4, 5, 6, 7],
        threads: 1,
        nsPid: [40, 4],
        vmSizeBytes: 1_339_392,
        vmRssBytes: 4096,
        rssAnonBytes: 4096,
        vmSwapBytes: null,
        cpusAllowedList: [0, 1, 3],
        voluntary_ctxt_switches: 9,
        nonvoluntary_ctxt_switches: 7,
      }),
    ],
    [
      "Name:\tkthreadd\nState:\tS (sleeping)\nTgid:\t2\nPid:\t2\nPPid:\t0\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nThreads:\t1\n",
      expect.objectContaining({
        pid: 2,
        nsPid: null,
        vmRssBytes: null,
        cpusAllowedList: null,
        voluntary_ctxt_switches: null,
      }),
    ],
  ],
  bad: [
    "Name:\tkthreadd\nState:\tS (sleeping)\nTgid:\t2\nPid:\t2\nPPid:\t0\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n",
    "Name:\tkthreadd\nState:\tS (sleeping)\nTgid:\t2\nPid:\t2\nPPid:\t0\nUid:\t0\nGid:\t0\t0\t0\t0\nThreads:\t1\n",
    "Name:\tkthreadd\nState:\tS (sleeping)\nTgid:\t2\nPid:\t2\nPPid:\t0\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nThreads:\t1\nVmRSS:\t5\n",
    "Name:\tkthreadd\nState:\tS (sleeping)\nTgid:\t2\nPid:\t2\nPPid:\t0\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nThreads:\t1\njunk\n",
    "Name:\tkthreadd\nState:\tS (sleeping)\nTgid:\t2\nPid:\tx\nPPid:\t0\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nThreads:\t1\n",
    "Name:\tkthreadd\nState:\tS (sleeping)\nTgid:\t2\nPid:\t2\nPPid:\t0\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nThreads:\t1\nCpus_allowed_list:\t3-1\n",
  ],
});
