import { checkReader } from "../../kernfile/testing/check_reader.ts";
import { cpuCfsBurstUs, cpuCfsPeriodUs, cpuCfsQuotaUs } from "./cpu_cfs.ts";

checkReader(cpuCfsQuotaUs, {
  good: [
    ["50000\n", 50_000],
    ["-1\n", "max"],
  ],
  bad: ["-2\n", "max\n", "\n"],
});

checkReader(cpuCfsPeriodUs, {
  good: [["100000\n", 100_000]],
  bad: ["0\n", "-1\n", "max\n", "\n"],
});

checkReader(cpuCfsBurstUs, {
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
