import { checkReader } from "../../kernfile/testing/check_reader.ts";
import { memoryEvents, memoryEventsLocal } from "./memory_events.ts";

for (const file of [memoryEvents, memoryEventsLocal]) {
  checkReader(file, {
    good: [
      [
        "low 0\nhigh 0\nmax 40\noom 2\noom_kill 2\noom_group_kill 0\n",
        { low: 0, high: 0, max: 40, oom: 2, oom_kill: 2, oom_group_kill: 0 },
      ],
      ["low 0\nhigh 0\nmax 0\noom 0\n", { low: 0, high: 0, max: 0, oom: 0 }],
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
}
