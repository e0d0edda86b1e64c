import { checkReader } from "../../kernfile/testing/check_reader.ts";
import { cgroupStat } from "./cgroup_stat.ts";

checkReader(cgroupStat, {
  good: [["nr_descendants 0\nnr_dying_descendants 2\n", { nr_descendants: 0, nr_dying_descendants: 2 }]],
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
