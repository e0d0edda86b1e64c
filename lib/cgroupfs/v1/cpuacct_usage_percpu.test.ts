import { checkReader } from "../../kernfile/testing/check_reader.ts";
import { cpuacctUsagePercpu, cpuacctUsagePercpuSys, cpuacctUsagePercpuUser } from "./cpuacct_usage_percpu.ts";

for (const file of [cpuacctUsagePercpu, cpuacctUsagePercpuUser, cpuacctUsagePercpuSys]) {
  checkReader(file, {
    good: [
      ["0 1407264736 \n", [0, 1_407_264]],
      ["5000 7000\n", [5, 7]],
    ],
    bad: ["\n", "0  1\n", "0 -1 \n", "x\n", "1\n2\n"],
  });
}
