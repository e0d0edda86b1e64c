import { checkReader } from "../../kernfile/testing/check_reader.ts";
import { memorySwappiness } from "./memory_swappiness.ts";

checkReader(memorySwappiness, {
  good: [["60\n", 60]],
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
