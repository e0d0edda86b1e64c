import { checkReader } from "../kernfile/testing/check_reader.ts";
import { pidMax } from "./pid_max.ts";

checkReader(pidMax, {
  good: [["4194304\n", 4_194_304]],
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
