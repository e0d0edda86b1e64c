import { checkReader } from "../kernfile/testing/check_reader.ts";
import { cpuOnline, cpuPossible, cpuPresent } from "./cpu_lists.ts";

for (const file of [cpuOnline, cpuPossible, cpuPresent]) {
  checkReader(file, {
    good: [
      ["0-3,5\n", [0, 1, 2, 3, 5]],
      ["1\n", [1]],
      ["\n", []],
      ["0-1,3", [0, 1, 3]],
    ],
    bad: [
      "3-1\n",
      "0-\n",
      "a\n",
      "0,0\n",
      "1,0\n",
      "0-3,2\n",
      "0-99999999\n",
      "0;1\n",
      "-1\n",
      " 0\n",
      "0-3:1/2\n",
    ],
    empty: [],
  });
}
