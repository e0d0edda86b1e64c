import { checkReader } from "../../kernfile/testing/check_reader.ts";
import {
  blkioThrottleReadBpsDevice,
  blkioThrottleReadIopsDevice,
  blkioThrottleWriteBpsDevice,
  blkioThrottleWriteIopsDevice,
} from "./blkio_throttle_device.ts";

for (const file of [
  blkioThrottleReadBpsDevice,
  blkioThrottleWriteBpsDevice,
  blkioThrottleReadIopsDevice,
  blkioThrottleWriteIopsDevice,
]) {
  checkReader(file, {
    good: [
      [
        "254:0 1048576\n8:0 18446744073709551615\n",
        new Map([
          ["254:0", 1_048_576],
          ["8:0", 18_446_744_073_709_552_000],
        ]),
      ],
    ],
    bad: ["254:0\n", "254:0 max\n", "254 1\n", "254:0 -1\n", "\n"],
    empty: new Map(),
  });
}
