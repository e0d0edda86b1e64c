import { checkReader } from "../kernfile/testing/check_reader.ts";
import { bootId } from "./boot_id.ts";

checkReader(bootId, {
  good: [["e7ec8cba-6fa5-4056-a9d6-0aa8f787b60f\n", "e7ec8cba-6fa5-4056-a9d6-0aa8f787b60f"]],
  bad: ["\n", "e7ec8cba\n", "e7ec8cba-6fa5-4056-a9d6-0aa8f787b60g\n"],
});
