import { checkReader } from "../../kernfile/testing/check_reader.ts";
import { cpuacctUsageAll } from "./cpuacct_usage_all.ts";

checkReader(cpuacctUsageAll, {
  good: [
    [
      "cpu user system\n0 0 0\n1 1403887846 79986472\n",
      [
        { cpu: 0, userUsec: 0, systemUsec: 0 },
        { cpu: 1, userUsec: 1_403_887, systemUsec: 79_986 },
      ],
    ],
  ],
  bad: [
    "cpu user\n",
    "cpu user system\n0 0\n",
    "cpu user system\n0 0 x\n",
    "cpu user system\nx 0 0\n",
    "cpu user system\n0 0 0 0\n",
  ],
});
