import { checkReader } from "../../kernfile/testing/check_reader.ts";
import { cpuStatLocal } from "./cpu_stat_local.ts";

checkReader(cpuStatLocal, {
  good: [["throttled_usec 1930624\n", { throttled_usec: 1_930_624 }]],
  bad: ["throttled_usec\n", "throttled_usec -1\n"],
  empty: { throttled_usec: null },
});
