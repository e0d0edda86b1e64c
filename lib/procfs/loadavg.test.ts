import { checkReader } from "../kernfile/testing/check_reader.ts";
import { loadavg } from "./loadavg.ts";

checkReader(loadavg, {
  good: [
    ["0.07 0.02 0.00 2/62 4\n", { load1: 0.07, load5: 0.02, load15: 0, runnable: 2, total: 62, lastPid: 4 }],
  ],
  bad: [
    "0.07 0.02 0.00 2/62\n",
    "0.07 0.02 0.00 2 62 4\n",
    "0.07 0.02 x 2/62 4\n",
    "-0.07 0.02 0.00 2/62 4\n",
    "0.07 0.02 0.00 /62 4\n",
  ],
});
