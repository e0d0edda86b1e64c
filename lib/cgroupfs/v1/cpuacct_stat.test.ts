import { checkReader } from "../../kernfile/testing/check_reader.ts";
import { cpuacctStat } from "./cpuacct_stat.ts";

checkReader(cpuacctStat, {
  good: [["user 133\nsystem 7\n", { userTicks: 133, systemTicks: 7 }]],
  bad: ["user 133\n", "user x\nsystem 7\n", "user 133\nsystem -7\n"],
});
