import { checkReader } from "../../kernfile/testing/check_reader.ts";
import { cgroupProcs, cgroupThreads } from "./cgroup_procs.ts";

for (const file of [cgroupProcs, cgroupThreads]) {
  checkReader(file, {
    good: [
      ["1\n7\n8\n11\n", [1, 7, 8, 11]],
      ["0\n0\n5\n0\n", [5]],
    ],
    bad: ["-1\n", "a\n", "1\n\n2\n", "1 2\n"],
    empty: [],
  });
}
