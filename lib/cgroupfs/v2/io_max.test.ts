import { checkReader } from "../../kernfile/testing/check_reader.ts";
import { ioMax } from "./io_max.ts";

checkReader(ioMax, {
  good: [
    [
      "259:0 rbps=1048576 wbps=max riops=max wiops=max\n",
      new Map([["259:0", { rbps: 1_048_576, wbps: "max", riops: "max", wiops: "max" }]]),
    ],
  ],
  bad: ["rbps=1\n", "8:0 rbps\n", "8:0 rbps=-1\n", "8:0 rbps=Max\n"],
  empty: new Map(),
});
