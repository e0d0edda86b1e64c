import { checkReader } from "../kernfile/testing/check_reader.ts";
import { netNetstat, netSnmp } from "./net_snmp.ts";

for (const file of [netSnmp, netNetstat]) {
  checkReader(file, {
    good: [
      [
        "Tcp: RtoAlgorithm MaxConn ActiveOpens\nTcp: 1 -1 43\nUdp: InDatagrams NoPorts\nUdp: 57 0\n",
        { Tcp: { RtoAlgorithm: 1, MaxConn: -1, ActiveOpens: 43 }, Udp: { InDatagrams: 57, NoPorts: 0 } },
      ],
      ["TcpExt: TCPTimeouts\nTcpExt: 4\n", { TcpExt: { TCPTimeouts: 4 } }],
    ],
    bad: ["Tcp: A B\nTcp: 1\n", "Tcp: A\nUdp: 1\n", "Tcp: A\n", "Tcp A\nTcp 1\n", "Tcp: A\nTcp: x\n"],
  });
}
