import { checkReader } from "../../kernfile/testing/check_reader.ts";
import {
  memorySwapCurrent,
  memorySwapEvents,
  memorySwapHigh,
  memorySwapMax,
  memorySwapPeak,
  memoryZswapCurrent,
} from "./memory_swap.ts";

for (const file of [memorySwapMax, memorySwapHigh]) {
  checkReader(file, {
    good: [
      ["268435456\n", 268_435_456],
      ["max\n", "max"],
      ["0\n", 0],
    ],
    bad: ["-1\n", "Max\n", "max max\n", "1.5\n", "\n", "268435456 kB\n"],
  });
}

for (const file of [memorySwapCurrent, memorySwapPeak, memoryZswapCurrent]) {
  checkReader(file, {
    good: [
      ["109121536\n", 109_121_536],
      ["0\n", 0],
      ["18446744073709551615\n", 18_446_744_073_709_552_000],
    ],
    bad: [
      "-1\n",
      "max\n",
      " 1\n",
      "1 \n",
      "1\n2\n",
      "0x10\n",
      "1e3\n",
      "1.5\n",
      "184467440737095516150\n",
      "\n",
    ],
  });
}

checkReader(memorySwapEvents, {
  good: [["high 0\nmax 3\nfail 3\n", { high: 0, max: 3, fail: 3 }]],
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
