import { expect } from "vitest";
import { checkReader } from "../../kernfile/testing/check_reader.ts";
import { memoryStat, memoryStatBrief } from "./memory_stat.ts";

checkReader(memoryStat, {
  good: [
    [
      "anon 106287104\nfile 86016\nkernel 622592\nshmem 86016\ninactive_file 0\nslab_reclaimable 96264\npgfault 1189\n",
      {
        anon: 106_287_104,
        file: 86_016,
        kernel: 622_592,
        shmem: 86_016,
        inactive_file: 0,
        slab_reclaimable: 96_264,
        pgfault: 1189,
      },
    ],
    ["__proto__ 5\nconstructor 1\n", expect.objectContaining({ ["__proto__"]: 5 })],
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
  good: [["anon_thp 1\nanon 2\nfile 3\nkernel 4\n", { anon: 2, file: 3 }]],
  bad: ["anon x\n", "anon 1\nfile -1\n"],
});
