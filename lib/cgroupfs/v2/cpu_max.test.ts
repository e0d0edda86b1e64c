import { checkReader } from "../../kernfile/testing/check_reader.ts";
import { cpuMax, cpuMaxBurst } from "./cpu_max.ts";

checkReader(cpuMax, {
  good: [
    ["50000 100000\n", { quotaUsec: 50_000, periodUsec: 100_000 }],
    ["max 100000\n", { quotaUsec: "max", periodUsec: 100_000 }],
    ["33000 250000\n", { quotaUsec: 33_000, periodUsec: 250_000 }],
  ],
  bad: ["50000\n", "max\n", "-1 100000\n", "50000 0\n", "50000 max\n", "50000 100000 1\n", "50000  100000\n"],
});

checkReader(cpuMaxBurst, {
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
