import { checkReader } from "../../kernfile/testing/check_reader.ts";
import {
  blkioBfqIoServiceBytes,
  blkioBfqIoServiceBytesRecursive,
  blkioBfqIoServiced,
  blkioBfqIoServicedRecursive,
  blkioIoServiceBytes,
  blkioIoServiceBytesRecursive,
  blkioIoServiced,
  blkioIoServicedRecursive,
  blkioThrottleIoServiceBytes,
  blkioThrottleIoServiceBytesRecursive,
  blkioThrottleIoServiced,
  blkioThrottleIoServicedRecursive,
} from "./blkio_io_service_bytes.ts";

for (const file of [
  blkioThrottleIoServiceBytes,
  blkioThrottleIoServiceBytesRecursive,
  blkioThrottleIoServiced,
  blkioThrottleIoServicedRecursive,
  blkioIoServiceBytes,
  blkioIoServiceBytesRecursive,
  blkioIoServiced,
  blkioIoServicedRecursive,
  blkioBfqIoServiceBytes,
  blkioBfqIoServiceBytesRecursive,
  blkioBfqIoServiced,
  blkioBfqIoServicedRecursive,
]) {
  checkReader(file, {
    good: [
      [
        "254:0 Read 114688\n254:0 Write 0\n254:0 Sync 114688\n254:0 Async 0\n254:0 Discard 0\n254:0 Total 114688\nTotal 114688\n",
        new Map([
          ["254:0", { Read: 114_688, Write: 0, Sync: 114_688, Async: 0, Discard: 0, Total: 114_688 }],
        ]),
      ],
      ["Total 0\n", new Map()],
      [
        "8:0 Read 1\n8:16 Read 2\n8:0 Write 3\nTotal 6\n",
        new Map([
          ["8:0", { Read: 1, Write: 3 }],
          ["8:16", { Read: 2 }],
        ]),
      ],
    ],
    bad: [
      "254:0 Read\n",
      "Total\n",
      "Total -1\n",
      "sda Read 1\n",
      "254:0 Read -1\n",
      "254:0  1\n",
      "254:0 Read 1 2\n",
    ],
    empty: new Map(),
  });
}
