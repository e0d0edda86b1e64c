import { checkReader } from "../../kernfile/testing/check_reader.ts";
import { cpuIdle, cpuShares } from "./cpu_shares.ts";

checkReader(cpuShares, {
  good: [["1024\n", 1024]],
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

checkReader(cpuIdle, {
  good: [
    ["0\n", false],
    ["1\n", true],
  ],
  bad: ["2\n", "true\n", "-1\n", "\n"],
});
