import { checkReader } from "../../kernfile/testing/check_reader.ts";
import { memoryOomControl } from "./memory_oom_control.ts";

checkReader(memoryOomControl, {
  good: [
    ["oom_kill_disable 0\nunder_oom 0\noom_kill 3\n", { oom_kill_disable: 0, under_oom: 0, oom_kill: 3 }],
    ["oom_kill_disable 0\nunder_oom 0\n", { oom_kill_disable: 0, under_oom: 0 }],
  ],
  bad: [
    "max\n",
    "low\n",
    " 5\n",
    "low -1\n",
    "low 1 2\n",
    "low 1\n\nhigh 2\n",
    "low\t1\n",
    "lo\u0000w 1\n",
    "low 1.5\n",
  ],
});
