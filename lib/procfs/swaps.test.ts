import { checkReader } from "../kernfile/testing/check_reader.ts";
import { swaps } from "./swaps.ts";

checkReader(swaps, {
  good: [
    [
      "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n/dev/nvme1n1                            partition\t262140\t\t4\t\t-2\n",
      [
        {
          filename: "/dev/nvme1n1",
          type: "partition",
          sizeBytes: 268_431_360,
          usedBytes: 4096,
          priority: -2,
        },
      ],
    ],
    [
      "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n/swap\\040file\\040(deleted) file 4 0 5\n",
      [{ filename: "/swap file (deleted)", type: "file", sizeBytes: 4096, usedBytes: 0, priority: 5 }],
    ],
    ["Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n", []],
  ],
  bad: [
    "/dev/a partition 1 2 3\n",
    "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n/dev/a partition 1 2\n",
    "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n/dev/a partition x 2 3\n",
  ],
});
