import { checkReader } from "../../kernfile/testing/check_reader.ts";
import { cpuStat } from "./cpu_stat.ts";

checkReader(cpuStat, {
  good: [
    [
      "nr_periods 29\nnr_throttled 27\nthrottled_time 1285137268\nnr_bursts 1\nburst_time 2500\n",
      { nr_periods: 29, nr_throttled: 27, throttledUsec: 1_285_137, nr_bursts: 1, burstUsec: 2 },
    ],
    [
      "nr_periods 29\nnr_throttled 27\nthrottled_time 9007199254740991999\nwait_sum 5\n",
      {
        nr_periods: 29,
        nr_throttled: 27,
        throttledUsec: 9_007_199_254_740_991,
        nr_bursts: null,
        burstUsec: null,
      },
    ],
  ],
  bad: [
    "nr_periods 29\n",
    "nr_periods\n",
    "nr_periods 1\nnr_throttled 1\nthrottled_time -1\n",
    "nr_periods 1\nnr_throttled 1\nthrottled_time x\n",
  ],
});
