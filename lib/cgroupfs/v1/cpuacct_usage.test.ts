import { checkReader } from "../../kernfile/testing/check_reader.ts";
import { cpuacctUsage, cpuacctUsageSys, cpuacctUsageUser } from "./cpuacct_usage.ts";

for (const file of [cpuacctUsage, cpuacctUsageUser, cpuacctUsageSys]) {
  checkReader(file, {
    good: [
      ["1407264736\n", 1_407_264],
      ["999\n", 0],
      ["1000\n", 1],
      ["18446744073709551615\n", 18_446_744_073_709_552],
      ["9007199254740991999\n", 9_007_199_254_740_991],
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
