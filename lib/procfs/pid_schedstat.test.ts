import { checkReader } from "../kernfile/testing/check_reader.ts";
import { pidSchedstat } from "./pid_schedstat.ts";

checkReader(pidSchedstat, {
  good: [
    ["123456789 72467 12\n", { runUsec: 123456, delayUsec: 72, timeslices: 12 }],
    ["0 0 0\n", { runUsec: 0, delayUsec: 0, timeslices: 0 }],
  ],
  bad: ["1 2\n", "1 2 3 4\n", "1 x 3\n", "-1 2 3\n"],
});
