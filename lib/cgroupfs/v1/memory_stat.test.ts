import { checkReader } from "../../kernfile/testing/check_reader.ts";
import { memoryStat, memoryStatBrief } from "./memory_stat.ts";

checkReader(memoryStat, {
  good: [
    [
      "cache 114688\nrss 125968384\nhierarchical_memory_limit 268435456\nhierarchical_memsw_limit 9223372036854771712\ntotal_cache 114688\ntotal_inactive_file 24576\n",
      {
        cache: 114_688,
        rss: 125_968_384,
        hierarchical_memory_limit: 268_435_456,
        hierarchical_memsw_limit: Number("9223372036854771712"),
        total_cache: 114_688,
        total_inactive_file: 24_576,
      },
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

checkReader(memoryStatBrief, {
  good: [["cache 1\nrss 2\nrss_huge 3\ntotal_cache 4\n", { cache: 1, rss: 2, total_cache: 4 }]],
  bad: ["cache x\n", "cache 1\nrss -1\n"],
});
