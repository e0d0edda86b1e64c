import { checkReader } from "../kernfile/testing/check_reader.ts";
import { version } from "./version.ts";

checkReader(version, {
  good: [
    [
      "Linux version 6.1.0-56-cloud-amd64 (debian) (gcc-12) #1 SMP\n",
      {
        release: "6.1.0-56-cloud-amd64",
        text: "Linux version 6.1.0-56-cloud-amd64 (debian) (gcc-12) #1 SMP",
      },
    ],
  ],
  bad: ["Linux\n", "Linux version\n", "Linux version  x\n", "Linux version 6\n7\n"],
});
