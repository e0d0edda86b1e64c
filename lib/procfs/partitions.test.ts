import { checkReader } from "../kernfile/testing/check_reader.ts";
import { partitions } from "./partitions.ts";

checkReader(partitions, {
  good: [
    [
      "major minor  #blocks  name\n\n 259        0      65536 nvme0n1\n",
      [{ major: 259, minor: 0, name: "nvme0n1", sizeBytes: 67_108_864 }],
    ],
  ],
  bad: [
    "major minor\n",
    "major minor  #blocks  name\n\n 259        0 nvme0n1\n",
    "major minor  #blocks  name\n\n 259        0      x nvme0n1\n",
  ],
  empty: [],
});
