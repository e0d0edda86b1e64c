import { checkReader } from "../../kernfile/testing/check_reader.ts";
import { cgroupProcs, tasks } from "./cgroup_procs.ts";

for (const file of [cgroupProcs, tasks]) {
  checkReader(file, {
    good: [
      ["1\n7\n8\n11\n", [1, 7, 8, 11]],
      ["11\n7\n", [11, 7]],
    ],
    bad: ["-1\n", "a\n", "1\n\n2\n", "1 2\n"],
    empty: [],
  });
}
