import { checkReader } from "../../kernfile/testing/check_reader.ts";
import { cgroupEvents, cgroupFreeze } from "./cgroup_events.ts";

checkReader(cgroupEvents, {
  good: [
    ["populated 1\nfrozen 0\n", { populated: 1, frozen: 0 }],
    ["populated 1\n", { populated: 1 }],
  ],
  bad: [
    "max\n",
    "low\n",
    " 5\n",
    "low -1\n",
    "low 1 2\n",
    "low 1\n\nhigh 2\n",
    "low\t1\n",
    "lo\u0000w 1\n",
    "low 1.5\n",
  ],
});

checkReader(cgroupFreeze, {
  good: [
    ["0\n", false],
    ["1\n", true],
  ],
  bad: ["2\n", "true\n", "-1\n", "\n"],
});
