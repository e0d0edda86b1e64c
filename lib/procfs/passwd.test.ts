import { checkReader } from "../kernfile/testing/check_reader.ts";
import { passwd } from "./passwd.ts";

checkReader(passwd, {
  good: [
    [
      "root:x:0:0:root:/root:/bin/bash\n# comment\n+::::::\nbin:x:2:2\ntoor:x:0:0::/:\nbad:x:-1:0\n\n",
      new Map([
        [0, "root"],
        [2, "bin"],
      ]),
    ],
  ],
  bad: [],
  empty: new Map(),
});
