import { checkReader } from "../../kernfile/testing/check_reader.ts";
import { memoryHigh, memoryLow, memoryMax, memoryMin } from "./memory_max.ts";

for (const file of [memoryMax, memoryHigh, memoryLow, memoryMin]) {
  checkReader(file, {
    good: [
      ["268435456\n", 268_435_456],
      ["max\n", "max"],
      ["0\n", 0],
    ],
    bad: ["-1\n", "Max\n", "max max\n", "1.5\n", "\n", "268435456 kB\n"],
  });
}
