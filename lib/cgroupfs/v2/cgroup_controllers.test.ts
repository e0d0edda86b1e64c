import { checkReader } from "../../kernfile/testing/check_reader.ts";
import { cgroupControllers, cgroupSubtreeControl } from "./cgroup_controllers.ts";

for (const file of [cgroupControllers, cgroupSubtreeControl]) {
  checkReader(file, {
    good: [
      ["cpuset cpu io memory hugetlb pids\n", ["cpuset", "cpu", "io", "memory", "hugetlb", "pids"]],
      ["\n", []],
    ],
    bad: ["cpu  io\n", " cpu\n", "cpu\nio\n"],
    empty: [],
  });
}
