import { checkReader } from "../kernfile/testing/check_reader.ts";
import { pidStatm } from "./pid_statm.ts";

checkReader(pidStatm, {
  good: [["333 26 16 11 0 310 0\n", { size: 333, resident: 26, shared: 16, text: 11, data: 310 }]],
  bad: ["333 26\n", "333 26 16 11 0 x 0\n", "333 -26 16 11 0 310 0\n"],
});
