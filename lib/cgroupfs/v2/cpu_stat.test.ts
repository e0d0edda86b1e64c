import { checkReader } from "../../kernfile/testing/check_reader.ts";
import { cpuStat } from "./cpu_stat.ts";

checkReader(cpuStat, {
  good: [
    [
      "usage_usec 2064734\nuser_usec 168549\nsystem_usec 1896184\nnr_periods 41\nnr_throttled 40\nthrottled_usec 1930624\nnr_bursts 0\nburst_usec 0\n",
      {
        usage_usec: 2_064_734,
        user_usec: 168_549,
        system_usec: 1_896_184,
        nr_periods: 41,
        nr_throttled: 40,
        throttled_usec: 1_930_624,
        nr_bursts: 0,
        burst_usec: 0,
      },
    ],
    [
      "usage_usec 1033747077\nuser_usec 796055056\nsystem_usec 237692021\nnice_usec 12000\n",
      { usage_usec: 1_033_747_077, user_usec: 796_055_056, system_usec: 237_692_021, nice_usec: 12_000 },
    ],
  ],
  bad: ["usage_usec 1\nuser_usec 1\n", "nr_periods 0\nnr_throttled 0\nthrottled_time 0\n", "usage_usec x\n"],
});
