import { checkReader } from "../kernfile/testing/check_reader.ts";
import { vmstat } from "./vmstat.ts";

checkReader(vmstat, {
  good: [
    [
      "nr_free_pages 1085032\npgpgin 12\npswpout 0\noom_kill 1\n",
      { nr_free_pages: 1_085_032, pgpgin: 12, pswpout: 0, oom_kill: 1 },
    ],
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
