import { checkReader } from "../../kernfile/testing/check_reader.ts";
import { ioStat } from "./io_stat.ts";

checkReader(ioStat, {
  good: [
    [
      "8:0 rbytes=114688 wbytes=4096 rios=18 wios=1 dbytes=0 dios=0\n259:0 \n",
      new Map([
        ["8:0", { rbytes: 114_688, wbytes: 4096, rios: 18, wios: 1, dbytes: 0, dios: 0 }],
        ["259:0", {}],
      ]),
    ],
    [
      "7:7 7:6 8:0 rbytes=1 wbytes=2 rios=3 wios=4\n",
      new Map([
        ["7:7", {}],
        ["7:6", {}],
        ["8:0", { rbytes: 1, wbytes: 2, rios: 3, wios: 4 }],
      ]),
    ],
    [
      "8:0 rbytes=1 cost.vrate=100.00 cost.usage=3 depth=max __proto__=7\n",
      new Map([["8:0", { rbytes: 1, "cost.vrate": 100, "cost.usage": 3, ["__proto__"]: 7 }]]),
    ],
  ],
  bad: [
    "rbytes=1\n",
    "8:0 rbytes\n",
    "8:0 rbytes=x\n",
    "8:0 =5\n",
    "8 rbytes=1\n",
    "8:0 rbytes=-1\n",
    "\n",
    "8:1.5 rbytes=1\n",
  ],
  empty: new Map(),
});
