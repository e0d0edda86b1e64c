import { checkReader } from "../kernfile/testing/check_reader.ts";
import { pidLimits } from "./pid_limits.ts";

checkReader(pidLimits, {
  good: [
    [
      "Limit                     Soft Limit           Hard Limit           Units     \nMax cpu time              unlimited            unlimited            seconds   \nMax open files            1024                 4096                 files     \nMax nice priority         0                    0                    \n",
      new Map([
        ["Max cpu time", { soft: "max", hard: "max", unit: "seconds" }],
        ["Max open files", { soft: 1024, hard: 4096, unit: "files" }],
        ["Max nice priority", { soft: 0, hard: 0, unit: "" }],
      ]),
    ],
  ],
  bad: [
    "Max open files 1 2\n",
    "Limit                     Soft Limit           Hard Limit           Units     \nMax open files            1024\n",
    "Limit                     Soft Limit           Hard Limit           Units     \nMax open files            x                    4096                 files     \n",
    "Limit                     Soft Limit           Hard Limit           Units     \n\n",
  ],
});
