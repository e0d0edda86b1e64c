import { checkReader } from "../../kernfile/testing/check_reader.ts";
import { memoryLimitInBytes, memorySoftLimitInBytes } from "./memory_limit_in_bytes.ts";

for (const file of [memoryLimitInBytes, memorySoftLimitInBytes]) {
  checkReader(file, {
    good: [
      ["268435456\n", 268_435_456],
      ["9223372036854771712\n", "max"],
      ["9223372036854775807\n", "max"],
      ["9223372036854710272\n", "max"],
      ["-1\n", "max"],
      ["0\n", 0],
    ],
    bad: ["-2\n", "max\n", "\n", "99999999999999999999999\n"],
  });
}
