import { checkReader } from "../../kernfile/testing/check_reader.ts";
import { cgroupType } from "./cgroup_type.ts";

checkReader(cgroupType, {
  good: [
    ["domain\n", "domain"],
    ["domain threaded\n", "domain threaded"],
    ["domain invalid\n", "domain invalid"],
    ["threaded\n", "threaded"],
  ],
  bad: ["\n", "domain \n", "x\n"],
});
