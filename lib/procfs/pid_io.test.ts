import { checkReader } from "../kernfile/testing/check_reader.ts";
import { pidIo } from "./pid_io.ts";

checkReader(pidIo, {
  good: [
    [
      "rchar: 6976\nwchar: 1\nsyscr: 10\nsyscw: 2\nread_bytes: 4096\nwrite_bytes: 8192\ncancelled_write_bytes: 0\n",
      {
        rchar: 6976,
        wchar: 1,
        syscr: 10,
        syscw: 2,
        read_bytes: 4096,
        write_bytes: 8192,
        cancelled_write_bytes: 0,
      },
    ],
  ],
  bad: ["rchar: 6976\n", "rchar 6976\n", "rchar: x\n"],
});
