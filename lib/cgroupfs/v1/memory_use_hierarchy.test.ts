import { checkReader } from "../../kernfile/testing/check_reader.ts";
import { memoryUseHierarchy } from "./memory_use_hierarchy.ts";

checkReader(memoryUseHierarchy, {
  good: [
    ["0\n", false],
    ["1\n", true],
  ],
  bad: ["2\n", "true\n", "-1\n", "\n"],
});
