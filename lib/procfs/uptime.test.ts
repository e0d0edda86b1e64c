import { checkReader } from "../kernfile/testing/check_reader.ts";
import { uptime } from "./uptime.ts";

checkReader(uptime, {
  good: [
    ["12.13 7.42\n", { uptimeSeconds: 12.13, idleSeconds: 7.42 }],
    ["12.13 0\n", { uptimeSeconds: 12.13, idleSeconds: 0 }],
  ],
  bad: ["12.13\n", "12.13 7.42 1\n", "-1.0 7.42\n", "12. 1\n", "x y\n", "1e3 1\n", ".5 1\n"],
});
