import { expect } from "vitest";
import { checkReader } from "../kernfile/testing/check_reader.ts";
import { netDev } from "./net_dev.ts";

checkReader(netDev, {
  good: [
    [
      "Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n    lo:    3193      29    1    2    3     4          5         6     7193      39    7    8    9     10       11          12\neth0:1:1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n",
      [
        {
          name: "lo",
          rxBytes: 3193,
          rxPackets: 29,
          rxErrors: 1,
          rxDropped: 2,
          rxFifo: 3,
          rxFrame: 4,
          rxCompressed: 5,
          rxMulticast: 6,
          txBytes: 7193,
          txPackets: 39,
          txErrors: 7,
          txDropped: 8,
          txFifo: 9,
          txCollisions: 10,
          txCarrier: 11,
          txCompressed: 12,
        },
        expect.objectContaining({ name: "eth0:1", rxBytes: 1, txCompressed: 16 }),
      ],
    ],
    [
      "Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n",
      [],
    ],
  ],
  bad: [
    "lo: 1\n",
    "Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\nlo: 1 2 3\n",
    "Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\nlo 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n",
    "Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\nlo: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 x\n",
  ],
});
