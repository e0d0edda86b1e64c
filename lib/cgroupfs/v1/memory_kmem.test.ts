import { checkReader } from "../../kernfile/testing/check_reader.ts";
import {
  memoryKmemFailcnt,
  memoryKmemLimitInBytes,
  memoryKmemMaxUsageInBytes,
  memoryKmemTcpFailcnt,
  memoryKmemTcpLimitInBytes,
  memoryKmemTcpMaxUsageInBytes,
  memoryKmemTcpUsageInBytes,
  memoryKmemUsageInBytes,
} from "./memory_kmem.ts";

for (const file of [memoryKmemLimitInBytes, memoryKmemTcpLimitInBytes]) {
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

for (const file of [
  memoryKmemUsageInBytes,
  memoryKmemMaxUsageInBytes,
  memoryKmemFailcnt,
  memoryKmemTcpUsageInBytes,
  memoryKmemTcpMaxUsageInBytes,
  memoryKmemTcpFailcnt,
]) {
  checkReader(file, {
    good: [
      ["109121536\n", 109_121_536],
      ["0\n", 0],
      ["18446744073709551615\n", 18_446_744_073_709_552_000],
    ],
    bad: [
      "-1\n",
      "max\n",
      " 1\n",
      "1 \n",
      "1\n2\n",
      "0x10\n",
      "1e3\n",
      "1.5\n",
      "184467440737095516150\n",
      "\n",
    ],
  });
}
