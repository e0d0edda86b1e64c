import { checkReader } from "../kernfile/testing/check_reader.ts";
import { osrelease } from "./osrelease.ts";

checkReader(osrelease, {
  good: [["6.1.0-56-cloud-amd64\n", "6.1.0-56-cloud-amd64"]],
  bad: ["\n", "a\nb\n", "a\u0000\n"],
});
