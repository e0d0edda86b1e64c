import { checkReader } from "../kernfile/testing/check_reader.ts";
import { procCgroup } from "./cgroup.ts";

checkReader(procCgroup, {
  good: [
    ["0::/\n", [{ hierarchyId: 0, controllers: [], path: "/", deleted: false }]],
    [
      "12:cpu,cpuacct:/docker/ab\n1:name=systemd:/a:b:c\n0::/../../init.scope\n",
      [
        { hierarchyId: 12, controllers: ["cpu", "cpuacct"], path: "/docker/ab", deleted: false },
        { hierarchyId: 1, controllers: ["name=systemd"], path: "/a:b:c", deleted: false },
        { hierarchyId: 0, controllers: [], path: "/../../init.scope", deleted: false },
      ],
    ],
    ["0::/x y (deleted)\n", [{ hierarchyId: 0, controllers: [], path: "/x y", deleted: true }]],
  ],
  bad: ["0:/\n", "x::/\n", "0::\n", "0::a\n", "\n", "-1::/\n"],
  empty: [],
});
